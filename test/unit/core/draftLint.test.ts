import assert from 'node:assert/strict';
import type { PlanFinding } from '../../../src/core/finding.ts';
import type { GatewayHost, Instance } from '../../../src/core/instance.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import type { Certificate, Survey } from '../../../src/core/tls/evidence.ts';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { makePlan, planForMap } from '../../../src/core/tls/plan.ts';
import { findingText } from '../../../src/core/findingText.ts';
import { instance, key, survey } from '../../support/instances.ts';

const ecdsaCbc = 'cipher.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA' as const;

const proxy = (hostName: string, change: Partial<GatewayHost> = {}): GatewayHost => ({
  type: 'Proxy',
  hostName,
  isDefault: false,
  negotiateClientCertificate: false,
  certificateExpiry: null,
  ...change,
});

const showing = (keyType: string): Survey =>
  survey({ tls12: [0xc02f] }, { certificate: { chain: [{ keyType } as Certificate], findings: [] } });

function findings(changes: DraftChanges, on: Partial<Instance>, surveys: Record<string, Survey> = {}): PlanFinding[] {
  return [...makePlan({ instance: instance({ gatewayUrl: null, ...on }), changes, backends: [], surveys }).findings];
}

const only = <Code extends PlanFinding['code']>(code: Code, all: readonly PlanFinding[]) =>
  all.filter((each): each is Extract<PlanFinding, { readonly code: Code }> => each.code === code);

describe('draft', () => {
  const withoutEcdsa = { customProperties: { [key(`Security.Ciphers.${ecdsaCbc.slice(7)}`)]: 'false' } };

  it('says which suites do nothing with the certificates that the gateway showed', () => {
    const one = { ...withoutEcdsa, hosts: [proxy('a.example'), proxy('b.example')] };
    const rsa = { 'a.example:443': showing('RSA'), 'b.example:443': showing('RSA') };
    assert.deepEqual(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, one, rsa)), [
      { severity: 'note', code: 'suitesWithoutCertificate', suites: [ecdsaCbc.slice(7)] },
    ]);
    const both = { ...rsa, 'b.example:443': showing('EC') };
    assert.deepEqual(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, one, both)), []);
  });

  it('knows a host name in whatever case it is configured', () => {
    const one = { ...withoutEcdsa, hosts: [proxy('A.Example')] };
    const found = findings({ [ecdsaCbc]: 'on' }, one, { 'a.example:443': showing('RSA') });
    assert.equal(only('suitesWithoutCertificate', found).length, 1);
  });

  it('claims nothing of certificates that were not seen', () => {
    const one = { ...withoutEcdsa, hosts: [proxy('a.example'), proxy('b.example')] };
    const half = { 'a.example:443': showing('RSA') };
    assert.deepEqual(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, one, half)), []);
    assert.deepEqual(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, withoutEcdsa)), []);
  });

  it('warns of HTTP/2 where a host does not ask for client certificates in the handshake', () => {
    const hosts = [proxy('asks.example', { negotiateClientCertificate: true }), proxy('silent.example')];
    const [warning] = only('http2ClientCertificates', findings({ 'client.http2': 'on' }, { hosts }));
    assert.deepEqual(warning, { severity: 'warning', code: 'http2ClientCertificates', hosts: ['silent.example'] });
    const asking = { hosts: hosts.slice(0, 1) };
    assert.deepEqual(only('http2ClientCertificates', findings({ 'client.http2': 'on' }, asking)), []);
    assert.deepEqual(
      only('http2ClientCertificates', findings({ 'client.http2': 'on' }, { hosts, tier: 'BasicV2' })),
      [],
    );
    assert.deepEqual(only('http2ClientCertificates', findings({ 'client.tls10': 'on' }, { hosts })), []);
    const all = { hosts, tier: 'Consumption', enableClientCertificate: true } as const;
    assert.deepEqual(only('http2ClientCertificates', findings({ 'client.http2': 'on' }, all)), []);
  });

  it('claims nothing of certificates while the built-in name was not probed, and counts every certificate of a host', () => {
    const one = { ...withoutEcdsa, hosts: [proxy('a.example')] };
    const rsa = { 'a.example:443': showing('RSA') };
    const builtIn = { ...one, gatewayUrl: 'https://one.azure-api.example' };
    assert.deepEqual(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, builtIn, rsa)), []);
    const both = { ...rsa, 'one.azure-api.example:443': showing('RSA') };
    assert.equal(only('suitesWithoutCertificate', findings({ [ecdsaCbc]: 'on' }, builtIn, both)).length, 1);
    const leaf = (keyType: string) => ({ chain: [{ keyType } as Certificate], findings: [] });
    const two = survey({ tls12: [0xc02f] }, { certificate: { ...leaf('RSA'), variants: [leaf('RSA'), leaf('EC')] } });
    const found = findings({ [ecdsaCbc]: 'on' }, one, { 'a.example:443': two });
    assert.deepEqual(only('suitesWithoutCertificate', found), []);
  });

  it('warns of a version whose last suites fit no certificate of the gateway, on the client side alone', () => {
    const on = {
      customProperties: {
        [key('Security.Protocols.Tls10')]: 'true',
        [key('Security.Backend.Protocols.Tls10')]: 'true',
      },
    };
    const rsaOff = Object.fromEntries(
      gatewaySuites
        .filter(({ versions, certificate }) => versions.includes('tls10') && certificate === 'RSA')
        .map(({ name }) => [`cipher.${name}`, 'off']),
    ) as DraftChanges;
    const warned = (surveys: Record<string, Survey>) =>
      only('versionWithoutSuite', findings(rsaOff, { ...on, hosts: [proxy('a.example')] }, surveys));
    assert.deepEqual(warned({ 'a.example:443': showing('RSA') }), [
      { severity: 'warning', code: 'versionWithoutSuite', side: 'client', version: 'tls10', byCertificate: true },
    ]);
    assert.deepEqual(warned({ 'a.example:443': showing('EC') }), []);
    assert.deepEqual(warned({}), [], 'no certificate was seen');
  });

  it('warns of HTTP/2 off, and only where it was on', () => {
    const on = { customProperties: { [key('Protocols.Server.Http2')]: 'True' } };
    for (const value of ['off', 'default'] as const)
      assert.deepEqual(only('http2Off', findings({ 'client.http2': value }, on)), [
        { severity: 'warning', code: 'http2Off' },
      ]);
    assert.deepEqual(only('http2Off', findings({ 'client.http2': 'on' }, {})), []);
  });

  it('blocks a backend side that is left with a TLS 1.3 that nobody has seen switched on', () => {
    const of = (changes: DraftChanges, customProperties = {}) =>
      only('backendOnlyTls13', findings(changes, { customProperties }));
    const [blocker] = of({ 'backend.tls12': 'off', 'backend.tls13': 'on' });
    assert.deepEqual(blocker, { severity: 'blocker', code: 'backendOnlyTls13' });
    assert.match(findingText(blocker), /not confirmed/);
    const tls13 = { [key('Security.Backend.Protocols.Tls13')]: 'true' };
    assert.deepEqual(of({ 'backend.tls12': 'off' }, tls13), [{ severity: 'warning', code: 'backendOnlyTls13' }]);
    assert.deepEqual(of({ 'backend.tls13': 'on' }), []);
    assert.deepEqual(of({ 'backend.tls12': 'off' }), [], 'that is noModernBackend');
  });

  it('says that it is not confirmed whether Azure still switches on what it has retired', () => {
    const warned = (changes: DraftChanges, on: Partial<Instance> = {}) =>
      only('retiredProtocolOn', findings(changes, on)).map(findingText);
    assert.match(
      warned({ 'client.tls10': 'on' })[0] ?? '',
      /TLS 1\.0 is retired in Azure since 2025-08-31.*not confirmed/,
    );
    assert.match(warned({ 'backend.ssl3': 'on' })[0] ?? '', /^SSL 3\.0 is retired\. It would be switched on/);
    const undated = { createdAt: null, customProperties: { [key('Security.Protocols.Tls11')]: 'False' } };
    assert.match(warned({ 'client.tls11': 'default' }, undated)[0] ?? '', /may come on.*default.*not known/);
  });

  it('warns where one setting is said on and off, under two names or in two cases', () => {
    const tripleDes = {
      [key('Security.Ciphers.TripleDes168')]: 'false',
      [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'True',
    };
    const of = (customProperties: Record<string, string>, changes: DraftChanges = { 'client.http2': 'on' }) =>
      only('spellingsDisagree', findings(changes, { customProperties }));
    assert.deepEqual(of(tripleDes), [
      {
        severity: 'warning',
        code: 'spellingsDisagree',
        id: 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA',
        names: ['Security.Ciphers.TripleDes168', 'Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
      },
    ]);
    assert.deepEqual(of(tripleDes, { 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA': 'off' }), []);
    const twice = { [key('Security.Protocols.Tls10')]: 'True', [key('security.protocols.tls10')]: 'False' };
    assert.equal(of(twice).length, 1);
    assert.deepEqual(of({ ...twice, [key('security.protocols.tls10')]: 'TRUE' }), []);
  });

  it('says what is left out for the service to reset, unreadable texts and keys of no setting too', () => {
    const customProperties = {
      [key('Security.Protocols.Tls10')]: 'True',
      [key('Security.Protocols.Tls11')]: 'perhaps',
      [key('Security.Backend.Protocols.Tls11')]: 'True',
    };
    const left: DraftChanges = { 'client.tls10': 'default', 'client.tls11': 'default' };
    const [note] = only('resetByService', findings(left, { customProperties }));
    assert.deepEqual(note, {
      severity: 'note',
      code: 'resetByService',
      ids: ['client.tls10', 'client.tls11'],
      keys: [],
    });
    assert.match(findingText(note), /TLS 1\.0, client side, TLS 1\.1, client side/);
    assert.deepEqual(only('resetByService', findings({ 'client.tls10': 'off' }, { customProperties })), []);
    const one = instance({ customProperties: { [key('Made.Up')]: 'x' } });
    const [other] = only('resetByService', [...planForMap({ instance: one, backends: [], surveys: {} }, {}).findings]);
    assert.deepEqual(other, { severity: 'note', code: 'resetByService', ids: [], keys: ['Made.Up'] });
  });

  it('names the keys that Terraform would drop: those of the map to be written that it does not write', () => {
    const customProperties = {
      [key('Security.Protocols.Tls10')]: 'True',
      [key('security.backend.protocols.tls13')]: 'true',
      [key('Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256')]: 'false',
      [key('Security.Ciphers.TripleDes168')]: 'false',
      [key('ManagedIdentity.DisableOverPrivilegedAccess')]: 'True',
      [key('Protocols.Server.Http2')]: 'True',
    };
    const [note] = only('droppedByOthers', findings({ 'client.tls13': 'on' }, { customProperties }));
    assert.ok(note);
    assert.deepEqual(note, {
      severity: 'note',
      code: 'droppedByOthers',
      keys: [
        'security.backend.protocols.tls13',
        'Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
        'ManagedIdentity.DisableOverPrivilegedAccess',
        'Security.Protocols.Tls13',
      ],
      withoutProtocols: ['Protocols.Server.Http2'],
    });
    assert.match(findingText(note), /Terraform.*az apim update.*not confirmed.*protocols.*not confirmed/);
    const off = { [key('Protocols.Server.Http2')]: 'False' };
    assert.deepEqual(only('droppedByOthers', findings({ 'client.tls10': 'on' }, { customProperties: off })), []);
  });

  it('warns where the way back to an earlier map changes what the tier locks', () => {
    const id = 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA';
    const one = instance({
      tier: 'Consumption',
      customProperties: { [key(`Security.Ciphers.${id.slice(7)}`)]: 'false' },
    });
    const plan = planForMap({ instance: one, backends: [], surveys: {} }, {});
    const [warning] = only('tierLocks', plan.findings);
    assert.deepEqual(warning, { severity: 'warning', code: 'tierLocks', tier: 'Consumption', ids: [id] });
    assert.match(findingText(warning), /Consumption tier does not let.*may refuse/);
    assert.deepEqual(only('tierLocks', findings({ [id]: 'off' }, { tier: 'Consumption' })), []);
  });
});
