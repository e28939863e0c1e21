// The hellos that are sent: exactly what is offered, in lengths and forms that touchy servers take.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { protocolCode, protocolVersions } from '../../../src/core/tls/protocols.ts';
import { suiteNames } from '../../../src/core/tls/suiteNames.ts';
import { buildHello, type HelloForm } from '../../../src/probe/clientHello.ts';
import { gatewayCodes, suiteFits, versionOffer } from '../../../src/probe/offers.ts';
import { parseHello } from './servers.ts';

const forms: readonly HelloForm[] = ['full', 'shares', 'small', 'bare'];
const signal = 0x00ff;

const offers = fc.record({
  versions: fc.subarray([...protocolVersions], { minLength: 1 }),
  suites: fc.subarray(
    gatewaySuites.map(({ code }) => code),
    { minLength: 1 },
  ),
});
const serverNames = fc.option(fc.stringMatching(/^[a-z]{1,60}(\.[a-z]{1,60}){1,3}$/));

describe('ClientHello', () => {
  it('offers exactly the versions and suites asked for, and avoids awkward lengths', () => {
    fc.assert(
      fc.property(offers, serverNames, fc.constantFrom(...forms), (offer, serverName, form) => {
        const hello = parseHello(buildHello({ offer, form, serverName }).bytes);
        assert.deepEqual(
          hello.suites.filter((code) => code !== signal),
          offer.suites,
        );
        const codes = offer.versions.map((version) => protocolCode[version]);
        assert.equal(hello.version, Math.min(0x0303, Math.max(...codes)));
        const listed = hello.extensions.get(43);
        if (form !== 'bare' && offer.versions.includes('tls13')) {
          assert.ok(listed);
          const inside = Array.from({ length: (listed.length - 1) / 2 }, (_, index) =>
            listed.readUInt16BE(1 + 2 * index),
          );
          assert.deepEqual(inside, [...codes].reverse());
        }
        const bare = form === 'bare' || hello.version === 0x0300;
        assert.equal(hello.extensions.has(0), serverName !== null && !bare);
        assert.equal(hello.extensions.size === 0, bare);
        if (!bare && (form === 'full' || form === 'shares')) {
          assert.ok(hello.length < 256 || hello.length > 511, `${hello.length} bytes`);
          assert.ok(hello.extensions.has(0xff01));
          assert.equal(hello.extensions.get(16)?.toString('latin1'), '\u0000\u0009\u0008http/1.1');
        } else {
          assert.ok(hello.suites.includes(signal));
          assert.ok(hello.length < 512, `${hello.length} bytes`);
        }
      }),
    );
  });

  it('states a gap between versions', () => {
    const offer = { versions: ['tls10', 'tls12'] as const, suites: [0x002f] };
    const listed = parseHello(buildHello({ offer, form: 'full', serverName: null }).bytes).extensions.get(43);
    assert.deepEqual(listed, Buffer.from('0403030301', 'hex'));
    const whole = { versions: ['tls11', 'tls12'] as const, suites: [0x002f] };
    assert.equal(
      parseHello(buildHello({ offer: whole, form: 'full', serverName: null }).bytes).extensions.has(43),
      false,
    );
  });

  it('asks for each version with at most 64 known suites that it can carry, those of a gateway first', () => {
    for (const version of protocolVersions) {
      const { versions, suites } = versionOffer(version);
      assert.deepEqual(versions, [version]);
      assert.ok(suites.length <= 64);
      assert.equal(new Set(suites).size, suites.length);
      assert.deepEqual(suites.slice(0, gatewayCodes(version).length), gatewayCodes(version));
      for (const code of suites) {
        assert.ok(suiteNames[code] !== undefined, `0x${code.toString(16)} has no name`);
        assert.ok(suiteFits(version, code), `${suiteNames[code]} in ${version}`);
      }
      assert.ok(version === 'tls13' || suites.length > gatewayCodes(version).length + 15);
    }
  });

  it('knows which suite needs which version', () => {
    for (const { code, name, versions } of gatewaySuites) {
      for (const version of ['tls10', 'tls11', 'tls12', 'tls13'] as const) {
        assert.equal(suiteFits(version, code), versions.includes(version), `${name} in ${version}`);
      }
    }
  });
});
