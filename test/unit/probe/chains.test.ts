// Servers with several certificates and stapled OCSP responses, as OpenSSL makes and sends them.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Survey } from '../../../src/core/tls/evidence.ts';
import { taskOf } from '../../../src/probe/chains.ts';
import { readStaple } from '../../../src/probe/ocsp.ts';
import { survey } from '../../../src/probe/survey.ts';
import { openssl, opensslServer, Pki } from './servers.ts';

describe('chains of a server', function () {
  this.timeout(30_000);
  let pki: Pki;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    pki.leaf('ecdsa', 'IP:127.0.0.1', 'root', 'ec:P-256');
    pki.leaf('old', 'IP:127.0.0.1', 'root', 'ec:P-256', 'sha1');
    pki.made('encipher', ['subjectAltName=IP:127.0.0.1', 'keyUsage=keyEncipherment'], 'root', 'rsa:2048');
  });
  after(() => pki.remove());

  const second = (name: string) => ['-dcert', pki.file(`${name}.crt`), '-dkey', pki.file(`${name}.key`)];
  const serialOf = (name: string) =>
    openssl('x509', '-in', pki.file(`${name}.crt`), '-noout', '-serial')
      .trim()
      .slice(7);

  /** The response of an authority whose register has this line for the certificate. */
  function response(name: string, line: string, days: readonly string[] = ['-ndays', '3'], signer = 'root'): string {
    writeFileSync(pki.file('index.txt'), line === '' ? '' : `${line}\t${serialOf(name)}\tunknown\t/CN=${name}\n`);
    const key = ['-rsigner', pki.file(`${signer}.crt`), '-rkey', pki.file(`${signer}.key`)];
    const authority = ['-CA', pki.file('root.crt'), ...key];
    const asked = ['-issuer', pki.file('root.crt'), '-cert', pki.file(`${name}.crt`)];
    const out = pki.file(`${name}.ocsp`);
    openssl('ocsp', '-index', pki.file('index.txt'), ...authority, ...asked, '-respout', out, ...days);
    return out;
  }

  async function look(args: readonly string[], depth: 'full' | 'gateway' = 'full'): Promise<Survey> {
    const server = await opensslServer(args);
    const result = await survey(server.endpoint, null, { depth, extraRoots: [pki.pem('root')] });
    await server.stop();
    return result;
  }

  const variants = ({ certificate }: Survey) =>
    certificate?.variants?.map(({ chain, findings }) => [chain[0]?.subject.split(',')[0], ...findings]);

  for (const [name, flags] of [
    ['TLS 1.3', ['-tls1_3', '-cipher', 'ALL:@SECLEVEL=0']],
    ['TLS 1.2', ['-tls1_2', '-serverpref', '-cipher', 'ALL:@SECLEVEL=0']],
    ['TLS 1.0', ['-tls1', '-cipher', 'ALL:@SECLEVEL=0']],
    ['every version', ['-cipher', 'ALL:@SECLEVEL=0']],
  ] as const) {
    it(`finds the RSA and the ECDSA certificate in ${name}, each with its own findings`, async () => {
      const result = await look([...pki.args('rsa'), ...second('old'), ...flags]);
      assert.deepEqual(variants(result)?.toSorted(), [['CN=old', 'weak-signature'], ['CN=rsa']]);
      assert.deepEqual(result.certificate?.chain, result.certificate?.variants?.[0]?.chain);
      assert.deepEqual(
        result.unknowns.filter(({ what }) => what === 'certificateVariants'),
        [],
      );
    });

    it(`finds one where there is one in ${name}`, async () => {
      assert.deepEqual(variants(await look([...pki.args('ecdsa'), ...flags])), [['CN=ecdsa']]);
      assert.deepEqual(variants(await look([...pki.args('rsa'), ...flags])), [['CN=rsa']]);
    });
  }

  it('holds the use of a key against what the server does with it', async () => {
    const findings = async (...flags: readonly string[]) =>
      (await look([...pki.args('encipher'), ...flags], 'gateway')).certificate?.findings;
    assert.deepEqual(await findings('-tls1_2', '-cipher', 'AES128-SHA'), []);
    assert.deepEqual(await findings('-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA'), ['wrong-key-usage']);
    assert.deepEqual(await findings('-tls1_3'), ['wrong-key-usage']);
    assert.deepEqual([0x002f, 0xc02f, 0x009e, 0xc031, 0x0034, 0x008c, 0x1301].map(taskOf), [
      ['decrypt'],
      ['sign'],
      ['sign'],
      ['agree'],
      [],
      [],
      ['sign'],
    ]);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`reads the stapled response (${version})`, async () => {
      const staple = async (line: string) => {
        const file = response('rsa', line);
        const { certificate } = await look([...pki.args('rsa'), version, '-status_file', file]);
        assert.equal(certificate?.ocspStaple, 'seen');
        assert.equal(certificate.ocsp?.signedBy, 'issuer');
        return certificate.ocsp;
      };
      const good = await staple('V\t300101000000Z\t');
      assert.deepEqual([good?.status, good?.revokedAt], ['good', null]);
      const revoked = await staple('R\t300101000000Z\t251101120000Z');
      assert.deepEqual([revoked?.status, revoked?.revokedAt], ['revoked', '2025-11-01T12:00:00.000Z']);
      assert.equal((await staple(''))?.status, 'unknown');
      const hours = (Date.parse(good?.nextUpdate ?? '') - Date.parse(good?.thisUpdate ?? '')) / 3_600_000;
      assert.equal(hours, 72);
    });
  }

  it('says that no response came, and looks for none where it is not to', async () => {
    assert.equal((await look(pki.args('rsa'))).certificate?.ocspStaple, 'not-seen');
    assert.equal((await look([...pki.args('rsa'), '-tls1_2'])).certificate?.ocspStaple, 'not-seen');
    const { certificate } = await look(pki.args('rsa'), 'gateway');
    assert.deepEqual([certificate?.ocspStaple, certificate?.variants], [undefined, undefined]);
  });

  it('believes no response that is about another certificate, broken or an error', () => {
    const bytes = readFileSync(response('rsa', 'V\t300101000000Z\t', ['-nmin', '5']));
    const read = (staple: Buffer, name = 'rsa') =>
      readStaple(staple, { chain: [pki.der(name)], extraRoots: [pki.pem('root')], now: Date.now() }).status;
    assert.equal(read(bytes), 'good');
    assert.equal(read(bytes, 'ecdsa'), 'unreadable');
    assert.equal(read(Buffer.alloc(0)), 'unreadable');
    // OCSPResponse with responseStatus tryLater (3) and nothing else.
    assert.equal(read(Buffer.from('30030a0103', 'hex')), 'unreadable');
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(read(bytes.subarray(0, length)), 'unreadable');
    }
  });

  it('tells whose signature a response bears', () => {
    const line = 'V\t300101000000Z\t';
    const delegate = ['extendedKeyUsage=OCSPSigning'];
    pki.made('responder', delegate, 'root');
    pki.made('forger', delegate);
    pki.made('stranger', [], 'root');
    const signer = (by: string, extraRoots = [pki.pem('root')], now = Date.now()) =>
      readStaple(readFileSync(response('rsa', line, ['-ndays', '3'], by)), { chain: [pki.der('rsa')], extraRoots, now })
        .signedBy;
    assert.equal(signer('root'), 'issuer');
    assert.equal(signer('responder'), 'delegate');
    const inAYear = Date.now() + 365 * 86_400_000;
    assert.equal(signer('responder', [pki.pem('root')], inAYear), 'nobody', 'its certificate has expired by then');
    assert.equal(signer('forger'), 'nobody');
    assert.equal(signer('stranger'), 'nobody', 'a certificate of the same issuer without the purpose');
    assert.equal(signer('root', []), 'unknown', 'the issuer is neither sent nor known');
  });

  it('believes no response in which a single bit was changed', () => {
    const bytes = readFileSync(response('rsa', 'V\t300101000000Z\t'));
    const context = { chain: [pki.der('rsa')], extraRoots: [pki.pem('root')], now: Date.now() };
    const untouched = readStaple(bytes, context);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const { signedBy, ...said } = readStaple(changed, context);
      if (signedBy !== 'issuer') continue;
      assert.deepEqual({ ...said, signedBy }, untouched, `byte ${at}`);
    }
  });
});
