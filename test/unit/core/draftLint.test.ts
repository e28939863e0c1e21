import assert from 'node:assert/strict';
import type { PlanFinding } from '../../../src/core/finding.ts';
import type { GatewayHost, Instance } from '../../../src/core/instance.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import type { Certificate, Survey } from '../../../src/core/tls/evidence.ts';
import { makePlan } from '../../../src/core/tls/plan.ts';
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
  return [...makePlan({ instance: instance(on), changes, backends: [], surveys }).findings];
}

const only = (code: PlanFinding['code'], all: readonly PlanFinding[]) => all.filter((each) => each.code === code);

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

  it('warns where 3DES is left on under one of its two names', () => {
    const customProperties = {
      [key('Security.Ciphers.TripleDes168')]: 'false',
      [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'True',
    };
    assert.equal(only('tripleDesDisagrees', findings({ 'client.http2': 'on' }, { customProperties })).length, 1);
    const off: DraftChanges = { 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA': 'off' };
    assert.deepEqual(only('tripleDesDisagrees', findings(off, { customProperties })), []);
  });

  it('says what the service takes back to its default', () => {
    const customProperties = { [key('Security.Protocols.Tls10')]: 'True', [key('Security.Protocols.Tls11')]: 'True' };
    assert.deepEqual(only('resetByService', findings({ 'client.tls10': 'default' }, { customProperties })), [
      { severity: 'note', code: 'resetByService', ids: ['client.tls10'] },
    ]);
    assert.deepEqual(only('resetByService', findings({ 'client.tls10': 'off' }, { customProperties })), []);
  });

  it('names the keys that Terraform would drop, as far as the map to be written holds them', () => {
    const customProperties = {
      [key('Security.Protocols.Tls10')]: 'True',
      [key('security.backend.protocols.tls13')]: 'true',
      [key('Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256')]: 'false',
      [key('Security.Ciphers.TripleDes168')]: 'false',
    };
    const [note] = only('droppedByOthers', findings({ 'client.tls13': 'on' }, { customProperties }));
    assert.ok(note);
    assert.deepEqual(note, {
      severity: 'note',
      code: 'droppedByOthers',
      keys: [
        'Security.Protocols.Tls13',
        'Security.Backend.Protocols.Tls13',
        'Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
      ],
    });
    assert.match(findingText(note), /Terraform.*not confirmed/);
  });
});
