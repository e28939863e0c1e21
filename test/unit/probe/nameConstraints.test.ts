// Authorities that may issue for some names only, against what `openssl verify` makes of the same chains.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { Malformed } from '../../../src/probe/bytes.ts';
import { judgeChain } from '../../../src/probe/certificate.ts';
import { allowsNames, readNameConstraints } from '../../../src/probe/nameConstraints.ts';
import { derOf, openssl, Pki } from './servers.ts';

/** Constraints of the authority, names of the leaf. */
const cases: readonly (readonly [constraints: string, names: string])[] = [
  ...['DNS:api.example', 'DNS:API.Example', 'DNS:a.api.example', 'DNS:xapi.example', 'DNS:other.example'].flatMap(
    (names) =>
      ['permitted;DNS:api.example', 'permitted;DNS:.api.example', 'excluded;DNS:api.example'].map(
        (constraints) => [constraints, names] as const,
      ),
  ),
  ['permitted;DNS:api.example', 'DNS:*.api.example'],
  ['excluded;DNS:a.api.example', 'DNS:*.api.example'],
  ['permitted;DNS:api.example', 'DNS:api.example,DNS:other.example'],
  ['permitted;DNS:one.example,permitted;DNS:two.example', 'DNS:two.example'],
  ['permitted;DNS:example,excluded;DNS:api.example', 'DNS:api.example'],
  ['permitted;DNS:api.example', 'IP:10.0.0.4'],
  ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:10.1.2.3'],
  ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:11.1.2.3'],
  ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:2001:db8::4'],
  ['permitted;IP:10.0.0.0/255.0.0.0', 'DNS:api.example'],
  ['excluded;IP:10.0.0.0/255.255.255.128', 'IP:10.0.0.129'],
  ['excluded;IP:10.0.0.0/255.255.255.128', 'IP:10.0.0.127'],
  ['excluded;IP:2001:db8:0:0:0:0:0:0/ffff:ffff:0:0:0:0:0:0', 'IP:2001:db8::4'],
  ['permitted;IP:2001:db8:0:0:0:0:0:0/ffff:ffff:0:0:0:0:0:0', 'IP:2001:db8::4'],
  ['permitted;email:api.example', 'DNS:api.example'],
  ['permitted;dirName:ours', 'DNS:api.example'],
  ['permitted;dirName:theirs', 'DNS:api.example'],
  ['excluded;dirName:ours', 'DNS:api.example'],
  ['excluded;dirName:theirs', 'DNS:api.example'],
];

describe('names that an authority may issue for', function () {
  this.timeout(30_000);
  let pki: Pki;
  before(() => {
    pki = new Pki();
  });
  after(() => pki.remove());

  const directories = '[ours]\nO = PROBE  tests\n[theirs]\nO = Others\n';

  /** One authority with these constraints, which may be the root itself, and a leaf below it. */
  function issue(name: string, constraints: string, names: string, issuer: string | undefined): void {
    pki.write('constraints.cnf', `[req]\ndistinguished_name = dn\n[dn]\n${directories}`);
    const file = pki.file(`ca${name}`);
    const signer = issuer ? ['-CA', pki.file(`${issuer}.crt`), '-CAkey', pki.file(`${issuer}.key`)] : [];
    openssl(
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...signer],
      ...['-config', pki.file('constraints.cnf'), '-subj', `/O=Probe tests/CN=ca${name}`, '-days', '90'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', `nameConstraints=critical,${constraints}`],
      ...['-keyout', `${file}.key`, '-out', `${file}.crt`],
    );
    pki.leaf(`leaf${name}`, names, `ca${name}`, 'ec:P-256');
  }

  function opensslTrusts(name: string, root: string): boolean {
    const chain = ['-untrusted', pki.file(`ca${name}.crt`), pki.file(`leaf${name}.crt`)];
    const { status, stderr } = spawnSync('openssl', ['verify', '-CAfile', pki.file(`${root}.crt`), ...chain]);
    if (status !== 0) assert.match(stderr.toString(), /(permitted|excluded) subtree violation/);
    return status === 0;
  }

  cases.forEach(([constraints, names], index) => {
    it(`${names} under ${constraints}`, () => {
      for (const issuer of ['root', undefined]) {
        const name = `${index}${issuer ?? ''}`;
        issue(name, constraints, names, issuer);
        const root = issuer ?? `ca${name}`;
        const judged = judgeChain([derOf(pki.pem(`leaf${name}`)), derOf(pki.pem(`ca${name}`))], {
          host: names.slice(names.indexOf(':') + 1).split(',')[0] ?? '',
          now: Date.now(),
          expiresSoonDays: 30,
          extraRoots: [pki.pem(root)],
        });
        const trusts = opensslTrusts(name, root);
        assert.equal(judged?.trust?.mozilla.trusted, trusts ? 'yes' : 'no');
        assert.equal(judged.findings.includes('unknown-root'), !trusts);
        assert.equal(judged.trust.mozilla.constrainedBy, trusts ? undefined : `CN=ca${name}, O=Probe tests`);
      }
    });
  });

  it('are read whatever bytes stand for them, or refused as malformed', () => {
    const value = Buffer.from('301fa00f300d820b6170692e6578616d706c65a10c300a87080a000000ff000000', 'hex');
    const whole = readNameConstraints(value);
    assert.deepEqual(whole.permitted.dns, ['api.example']);
    assert.deepEqual(whole.excluded.addresses, [Buffer.from('0a000000ff000000', 'hex')]);
    const names = { dns: ['api.example'], addresses: [Buffer.alloc(4), Buffer.alloc(16)], directories: [] };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(value.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(40),
        (set, cut) => {
          const bytes = Buffer.from(value);
          for (const [at, byte] of set) bytes[at] = byte;
          try {
            allowsNames(readNameConstraints(bytes.subarray(0, cut)), { names, subject: [], commonName: 'api.example' });
          } catch (error) {
            assert.ok(error instanceof Malformed, String(error));
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
