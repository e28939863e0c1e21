// What is wrong with a chain, by certificates that OpenSSL made.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { judgeChain, type JudgeOptions } from '../../../src/probe/certificate.ts';
import { readCertificate } from '../../../src/probe/certificateFields.ts';
import { nameText } from '../../../src/probe/der.ts';
import { survey } from '../../../src/probe/survey.ts';
import { derOf, opensslServer, Pki } from './servers.ts';

const day = 86_400_000;

describe('certificates', function () {
  this.timeout(30_000);
  let pki: Pki;
  before(() => {
    pki = new Pki();
    pki.authority('issuing', 'root');
    pki.authority('stranger');
    pki.leaf('good', 'DNS:api.example,DNS:*.apis.example,IP:10.0.0.4,IP:2001:db8::4', 'issuing');
    pki.leaf('direct', 'DNS:api.example', 'root');
    pki.leaf('foreign', 'DNS:api.example', 'stranger');
    pki.leaf('alone', 'DNS:api.example');
    pki.leaf('short', 'DNS:api.example', 'root', 'rsa:1024');
    pki.leaf('sha1', 'DNS:api.example', 'root', 'rsa:2048', 'sha1');
    pki.leaf('p224', 'DNS:api.example', 'root', 'ec:secp224r1');
  });
  after(() => pki.remove());

  const findings = (names: readonly string[], changes: Partial<JudgeOptions> = {}): readonly string[] => {
    const chain = names.map((name) => derOf(pki.pem(name)));
    const options = {
      host: 'api.example',
      now: Date.now(),
      expiresSoonDays: 30,
      extraRoots: [pki.pem('root')],
      ...changes,
    };
    return judgeChain(chain, options)?.findings ?? ['unreadable'];
  };

  it('finds nothing wrong with a whole chain, whatever its order and extras', () => {
    assert.deepEqual(findings(['good', 'issuing']), []);
    assert.deepEqual(findings(['good', 'issuing', 'root']), []);
    assert.deepEqual(findings(['good', 'root', 'stranger', 'issuing']), []);
    assert.deepEqual(findings(['direct']), []);
  });

  it('tells a missing intermediate, an unknown root and a self-signed certificate apart', () => {
    assert.deepEqual(findings(['good']), ['incomplete-chain']);
    assert.deepEqual(findings(['good', 'issuing'], { extraRoots: [] }), ['unknown-root']);
    assert.deepEqual(findings(['foreign', 'stranger']), ['unknown-root']);
    assert.deepEqual(findings(['alone']), ['self-signed']);
    assert.deepEqual(findings(['alone'], { extraRoots: [pki.pem('alone')] }), []);
  });

  it('takes no certificate for an issuer because of its name alone', () => {
    const impostor = new Pki();
    const extraRoots = [impostor.pem('root')];
    impostor.remove();
    assert.deepEqual(findings(['direct'], { extraRoots }), ['incomplete-chain']);
  });

  it('knows the dates', () => {
    const end = Date.parse(new X509Certificate(pki.pem('direct')).validTo);
    assert.deepEqual(findings(['direct'], { now: end + 1000 }), ['expired']);
    assert.deepEqual(findings(['direct'], { now: end - 29 * day }), ['expires-soon']);
    assert.deepEqual(findings(['direct'], { now: end - 31 * day }), []);
    assert.deepEqual(findings(['direct'], { now: end - 31 * day, expiresSoonDays: 60 }), ['expires-soon']);
    assert.deepEqual(findings(['direct'], { now: Date.now() - day }), ['not-yet-valid']);
  });

  it('knows which hosts a certificate covers', () => {
    const covered = ['API.example', 'api.example.', 'x.apis.example', '10.0.0.4', '2001:DB8:0::4'];
    const strangers = ['example', 'y.api.example', 'a.b.apis.example', 'apis.example', '10.0.0.5', '::1', 'good'];
    for (const host of covered) assert.deepEqual(findings(['good', 'issuing'], { host }), [], host);
    for (const host of strangers) assert.deepEqual(findings(['good', 'issuing'], { host }), ['name-mismatch'], host);
  });

  it('finds weak keys and weak signatures', () => {
    assert.deepEqual(findings(['short']), ['weak-key']);
    assert.deepEqual(findings(['p224']), ['weak-key']);
    assert.deepEqual(findings(['sha1']), ['weak-signature']);
  });

  it('says so when the leaf cannot be read', () => {
    const rest = derOf(pki.pem('issuing'));
    const options = { host: 'api.example', now: 0, expiresSoonDays: 30, extraRoots: [] };
    assert.equal(judgeChain([Buffer.from('rubbish'), rest], options), null);
    assert.equal(judgeChain([], options), null);
  });

  it('reads what OpenSSL reads, for every root certificate of the runtime', () => {
    assert.ok(rootCertificates.length > 50);
    for (const pem of [...rootCertificates, pki.pem('good'), pki.pem('short'), pki.pem('sha1')]) {
      const fields = readCertificate(derOf(pem));
      const truth = new X509Certificate(pem);
      assert.ok(fields, truth.subject);
      assert.equal(fields.from, Date.parse(truth.validFrom));
      assert.equal(fields.to, Date.parse(truth.validTo));
      assert.equal(fields.sha256, truth.fingerprint256.replaceAll(':', '').toLowerCase());
      const details = truth.publicKey.asymmetricKeyDetails;
      if (truth.publicKey.asymmetricKeyType === 'rsa') assert.equal(fields.keyBits, details?.modulusLength);
      if (details?.namedCurve === 'secp384r1') assert.deepEqual([fields.keyType, fields.keyBits], ['EC P-384', 384]);
      assert.equal(fields.weakSignature, /sha1|md5/i.test(truth.signatureAlgorithm ?? ''));
      const common = /(?:^|\n)CN=([ -~]+)$/.exec(truth.subject)?.[1];
      if (common !== undefined && !/[,+"\\<>;=]/.test(common))
        assert.ok(fields.subject.startsWith(`CN=${common}`), fields.subject);
    }
    assert.deepEqual(readCertificate(derOf(pki.pem('good')))?.names, [
      'api.example',
      '*.apis.example',
      '10.0.0.4',
      '2001:db8::4',
    ]);
  });

  it('escapes what a name may carry', () => {
    // SEQUENCE { SET { SEQUENCE { commonName, UTF8String "a," ESC "[31mb" } } }
    assert.equal(nameText(Buffer.from('3013311130' + '0f06035504030c08612c1b5b33316d62', 'hex')), 'CN=a\\,\\1b[31mb');
  });

  it('arrives with a survey', async () => {
    const chain = pki.bundle('chain.pem', 'issuing');
    const server = await opensslServer([...pki.args('good'), '-cert_chain', chain]);
    const route = () => ({ address: '127.0.0.1', port: server.endpoint.port });
    const options = { route, extraRoots: [pki.pem('root')] };
    const fine = await survey({ host: 'x.apis.example', port: 443 }, null, options);
    const late = await survey({ host: 'api.example', port: 443 }, null, {
      ...options,
      now: () => Date.now() + 365 * day,
    });
    const wrong = await survey({ host: 'wrong.example', port: 443 }, null, { ...options, expiresSoonDays: 200 });
    await server.stop();
    assert.deepEqual(fine.certificate?.findings, []);
    assert.deepEqual(
      fine.certificate?.chain.map(({ subject }) => subject),
      ['CN=good, O=Probe tests', 'CN=issuing, O=Probe tests'],
    );
    assert.deepEqual(late.certificate?.findings, ['expired']);
    assert.deepEqual(wrong.certificate?.findings, ['expires-soon', 'name-mismatch']);
  });
});
