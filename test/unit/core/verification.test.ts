// What a gateway must show after a change, and whether it was seen to.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gatewayNames } from '../../../src/core/gatewayNames.ts';
import type { GatewayName } from '../../../src/core/gatewayNames.ts';
import type { Answer, Behaviour, Survey } from '../../../src/core/tls/evidence.ts';
import { protocolVersions } from '../../../src/core/tls/protocols.ts';
import type { ProtocolVersion } from '../../../src/core/tls/protocols.ts';
import { settings } from '../../../src/core/tls/settings.ts';
import { addressSeen, expectations, hostSeen, unseenSettings, worstState } from '../../../src/core/tls/verification.ts';
import type { Expectation } from '../../../src/core/tls/verification.ts';
import { anyInstance, anyMap, instance, key, survey } from '../../support/instances.ts';

const tls10Off: Expectation = { id: 'client.tls10', accepted: false };
const tls13On: Expectation = { id: 'client.tls13', accepted: true };
const cbc = 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA';
const cbcCode = 0x002f;
const gcm = 0xc02f;
const name: GatewayName = { host: 'api.contoso.example', kind: 'custom', region: null };
const rsa = (keyType: string) =>
  ({ chain: [{ keyType }], findings: [] }) as unknown as NonNullable<Survey['certificate']>;

describe('expectations of a change', () => {
  const one = instance({ createdAt: '2021-05-04T08:00:00Z' });
  const before = { [key('Security.Protocols.Tls10')]: 'True', [key('Security.Backend.Protocols.Tls10')]: 'True' };

  it('are what callers can see of it, and nothing that stays', () => {
    const after = {
      [key('Security.Protocols.Tls10')]: 'false',
      [key('Security.Backend.Protocols.Tls10')]: 'false',
      [key('Security.Protocols.Tls11')]: 'False',
      [key('Security.Protocols.Tls13')]: 'true',
      [key('Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA')]: 'false',
      [key('Protocols.Server.Http2')]: 'true',
    };
    assert.deepEqual(expectations(one, before, after), [tls10Off, tls13On, { id: cbc, accepted: false }]);
    assert.deepEqual(unseenSettings(one, before, after), ['client.http2', 'backend.tls10']);
  });

  it('leave out what the tier or the platform decides', () => {
    const off = { [key('Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA')]: 'false' };
    assert.deepEqual(expectations(instance({ tier: 'StandardV2' }), {}, off), []);
    const on = { [key('Security.Protocols.Tls13')]: 'true' };
    assert.deepEqual(expectations(one, on, {}), [], 'left to the platform, which may do either');
  });

  it('are of settings whose value differs, whatever the maps', () => {
    fc.assert(
      fc.property(anyInstance, anyMap, anyMap, (any, a, b) => {
        assert.deepEqual(expectations(any, a, a), []);
        const there = expectations(any, a, b);
        const back = expectations(any, b, a);
        // What is definite both ways is expected the other way round.
        for (const { id, accepted } of there)
          for (const other of back) if (other.id === id) assert.equal(other.accepted, !accepted);
        assert.ok(there.every(({ id }) => !id.startsWith('backend.') && id !== 'client.http2'));
        assert.ok(unseenSettings(any, a, b).every((id) => !there.some((one) => one.id === id)));
      }),
    );
  });
});

describe('one address of a gateway', () => {
  it('confirms what it refuses and what it takes', () => {
    const seen = addressSeen([tls10Off, tls13On], survey({ tls12: [gcm], tls13: [0x1301] }));
    assert.deepEqual([seen.state, seen.still, seen.open], ['confirmed', [], []]);
  });

  it('names what it still takes, and what it does not take yet', () => {
    const seen = addressSeen([tls10Off, tls13On], survey({ tls10: [], tls12: [gcm] }));
    assert.deepEqual([seen.state, seen.still], ['stillOld', ['client.tls10', 'client.tls13']]);
  });

  it('does not take a lost connection for a refusal', () => {
    const protocols = { ...survey({ tls12: [gcm] }).protocols, tls10: 'unknown' as const };
    const seen = addressSeen([tls10Off], survey({ tls12: [gcm] }, { protocols }));
    assert.deepEqual([seen.state, seen.open], ['unknown', ['client.tls10']]);
  });

  it('was not reached where no server answered, and tells nothing where one refuses everything', () => {
    const nothing = (behaviour: Behaviour) => addressSeen([tls10Off], survey({}, { behaviour })).state;
    assert.deepEqual(
      (['unresolvable', 'refused', 'unreachable', 'timeout', 'cancelled'] as const).map(nothing),
      Array.from({ length: 5 }, () => 'notReached'),
    );
    assert.deepEqual((['alert', 'plain-http', 'reset'] as const).map(nothing), ['unknown', 'unknown', 'unknown']);
  });

  it('shows a suite in each version that it speaks, unless a version was not asked to the end', () => {
    const off: Expectation = { id: cbc, accepted: false };
    const state = (accepts: Parameters<typeof survey>[0], change: Partial<Survey> = {}) =>
      addressSeen([off], survey(accepts, change)).state;
    assert.equal(state({ tls12: [gcm, cbcCode] }), 'stillOld');
    assert.equal(state({ tls11: [cbcCode], tls12: [gcm] }), 'stillOld');
    assert.equal(state({ tls12: [gcm] }), 'confirmed');
    assert.equal(state({ tls11: [0xc013], tls12: [gcm] }, { suites: { tls12: [gcm] } }), 'unknown');
    assert.equal(state({ tls13: [0x1301] }), 'confirmed', 'no version is left in which it could be taken');
  });

  it('expects a suite that came on only where version and certificate could show it', () => {
    const on: Expectation = { id: cbc, accepted: true };
    const both = (change: Partial<Survey>, accepts = { tls12: [gcm] }) =>
      addressSeen([on, tls10Off], survey(accepts, change)).state;
    assert.equal(both({ certificate: rsa('RSA') }), 'stillOld');
    assert.equal(both({ certificate: rsa('EC P-256') }), 'confirmed', 'the rest is what counts');
    assert.equal(addressSeen([on], survey({ tls12: [gcm] }, { certificate: rsa('EC P-256') })).state, 'unknown');
    assert.equal(both({ certificate: rsa('RSA') }, { tls12: [gcm, cbcCode] }), 'confirmed');
  });
});

describe('a host name of a gateway', () => {
  const ok = survey({ tls12: [gcm] });
  const old = survey({ tls10: [], tls12: [gcm] });
  const away = survey({}, { behaviour: 'timeout' });

  it('is confirmed where each of its addresses is', () => {
    assert.equal(hostSeen(name, [tls10Off], [ok, ok]).state, 'confirmed');
    assert.equal(hostSeen(name, [tls10Off], [ok, old, away]).state, 'stillOld');
    assert.equal(hostSeen(name, [tls10Off], [ok, away]).state, 'unknown');
    assert.equal(hostSeen(name, [tls10Off], [away]).state, 'notReached');
    assert.equal(hostSeen(name, [tls10Off], []).state, 'unknown', 'nobody has looked');
  });

  it('is never confirmed by what is unknown, and never without every address', () => {
    const answer = fc.constantFrom<Answer>('yes', 'no', 'unknown');
    const protocols = fc.record(
      Object.fromEntries(protocolVersions.map((version) => [version, answer])) as Record<
        ProtocolVersion,
        typeof answer
      >,
    );
    const suites = fc.dictionary(fc.constantFrom(...protocolVersions), fc.subarray([gcm, cbcCode, 0x1301, 0xc013]));
    const behaviour = fc.constantFrom<Behaviour>('tls', 'timeout', 'reset', 'alert', 'refused', 'cancelled');
    const anySurvey = fc
      .record({ protocols, suites, behaviour, certificate: fc.constantFrom(null, rsa('RSA'), rsa('EC P-256')) })
      .map((part) => survey({}, part));
    const visible = settings.filter(({ id }) => id.startsWith('cipher.') || /^client\.(ssl|tls)/.test(id));
    const anyExpected = fc
      .uniqueArray(fc.constantFrom(...visible.map(({ id }) => id)), { minLength: 1, maxLength: 5 })
      .chain((ids) => fc.tuple(...ids.map((id) => fc.boolean().map((accepted): Expectation => ({ id, accepted })))));
    fc.assert(
      fc.property(anyExpected, fc.array(anySurvey, { maxLength: 4 }), (expected, surveys) => {
        const { state } = hostSeen(name, expected, surveys);
        const each = surveys.map((one) => addressSeen(expected, one));
        assert.equal(state === 'confirmed', each.length > 0 && each.every((seen) => seen.state === 'confirmed'));
        assert.equal(state, worstState(each));
        for (const [index, seen] of each.entries()) {
          if (seen.state !== 'confirmed') continue;
          const { protocols: told } = surveys[index] ?? survey({});
          for (const { id, accepted } of expected) {
            const version = settings.find((setting) => setting.id === id)?.version;
            if (version) assert.equal(told[version], accepted ? 'yes' : 'no');
          }
          assert.ok(Object.values(told).includes('yes'), 'a server was there');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('names of a gateway', () => {
  const one = instance({
    location: 'westeurope',
    otherRegions: ['northeurope', 'eastus'],
    gatewayUrl: 'https://One.azure-api.example',
    hosts: [
      {
        hostName: 'one.azure-api.example',
        type: 'Proxy',
        isDefault: false,
        negotiateClientCertificate: false,
        certificateExpiry: null,
      },
      {
        hostName: 'API.contoso.example',
        type: 'proxy',
        isDefault: true,
        negotiateClientCertificate: false,
        certificateExpiry: null,
      },
      {
        hostName: 'portal.contoso.example',
        type: 'Portal',
        isDefault: false,
        negotiateClientCertificate: false,
        certificateExpiry: null,
      },
      {
        hostName: 'm.contoso.example',
        type: 'Management',
        isDefault: false,
        negotiateClientCertificate: false,
        certificateExpiry: null,
      },
    ],
    regionalHosts: [
      { region: 'westeurope', hostName: 'one-westeurope-01.regional.azure-api.example', disabled: false },
      { region: 'northeurope', hostName: 'one-northeurope-01.regional.azure-api.example', disabled: false },
      { region: 'eastus', hostName: 'one-eastus-01.regional.azure-api.example', disabled: true },
    ],
  });

  it('are those that answer callers, each once, without regions where the gateway is off', () => {
    assert.deepEqual(gatewayNames(one), [
      { host: 'one.azure-api.example', kind: 'default', region: null },
      { host: 'api.contoso.example', kind: 'custom', region: null },
      { host: 'one-westeurope-01.regional.azure-api.example', kind: 'regional', region: 'westeurope' },
      { host: 'one-northeurope-01.regional.azure-api.example', kind: 'regional', region: 'northeurope' },
    ]);
  });

  it('name the region where there is only one', () => {
    const single = instance({ location: 'westeurope', gatewayUrl: 'https://one.azure-api.example', hosts: [] });
    assert.deepEqual(gatewayNames(single), [{ host: 'one.azure-api.example', kind: 'default', region: 'westeurope' }]);
    assert.deepEqual(gatewayNames(instance({ gatewayUrl: null })), []);
  });
});
