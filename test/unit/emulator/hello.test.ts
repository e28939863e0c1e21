import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gatewaySuiteByCode, gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { protocolVersions } from '../../../src/core/tls/protocols.ts';
import { decide, readClientHello } from '../../../src/emulator/hello.ts';
import { buildHello } from '../../../src/probe/clientHello.ts';

const versions = fc.subarray([...protocolVersions]);
const suites = fc.shuffledSubarray(gatewaySuites.map(({ code }) => code));
const body = (message: Buffer): Buffer => message.subarray(4);

describe('the server’s side of a ClientHello', () => {
  it('reads versions and suites as they were offered', () => {
    const offer = { versions: ['tls13', 'tls11'] as const, suites: [0x1301, 0xc013] };
    const read = readClientHello(body(buildHello({ offer, form: 'full', serverName: 'a.example' }).message));
    assert.deepEqual([...read.versions].sort(), ['tls11', 'tls13']);
    assert.deepEqual(read.suites, offer.suites);
  });

  it('takes a version without the extension as "up to"', () => {
    const offer = { versions: ['tls11'] as const, suites: [0x2f] };
    const read = readClientHello(body(buildHello({ offer, form: 'bare', serverName: null }).message));
    assert.deepEqual(read.versions, ['ssl3', 'tls10', 'tls11']);
  });

  it('takes any bytes without more than an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readClientHello(Buffer.from(bytes));
        } catch (error) {
          assert.equal((error as Error).name, 'Malformed');
        }
      }),
    );
  });

  it('decides for the newest shared version and the first suite of its own that fits', () => {
    fc.assert(
      fc.property(
        versions,
        suites,
        versions,
        suites,
        fc.constantFrom('RSA' as const, 'ECDSA' as const),
        (mine, own, theirs, offered, key) => {
          const decision = decide(
            { versions: theirs, suites: offered },
            { versions: mine, suites: own, key },
            (version) => version !== 'ssl3',
          );
          const shared = protocolVersions.filter((version) => mine.includes(version) && theirs.includes(version));
          const newest = shared.at(-1);
          if (newest === undefined) return assert.deepEqual(decision, { kind: 'alert', code: 70 });
          const usable = own.filter((code) => {
            const suite = gatewaySuiteByCode(code)!;
            return (
              offered.includes(code) && suite.versions.includes(newest) && [key, 'any'].includes(suite.certificate)
            );
          });
          if (usable.length === 0) return assert.deepEqual(decision, { kind: 'alert', code: 40 });
          assert.ok(decision.kind !== 'alert');
          assert.equal(decision.version, newest);
          if (decision.kind === 'standIn') assert.deepEqual([newest, decision.suite], ['ssl3', usable[0]]);
          else
            assert.equal(
              decision.suites.find((code) => offered.includes(code)),
              usable[0],
            );
        },
      ),
    );
  });
});
