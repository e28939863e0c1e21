import assert from 'node:assert/strict';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { presetChanges } from '../../../src/core/tls/presets.ts';
import { suiteNames } from '../../../src/core/tls/suiteNames.ts';
import { instance } from '../../support/instances.ts';

const names = (keep: (suite: (typeof gatewaySuites)[number]) => boolean) =>
  gatewaySuites
    .filter(keep)
    .map(({ name }) => name.replace('TLS_', '').replace('_WITH', ''))
    .sort();

describe('the suites of a gateway', () => {
  it('have the code points of the IANA registry, each once', () => {
    for (const { code, name } of gatewaySuites) assert.equal(suiteNames[code], name);
    assert.equal(new Set(gatewaySuites.map(({ code }) => code)).size, 21);
  });

  // RFC 5246, A.5 (SHA-256), RFC 5288 and 5289 (GCM, SHA-2): TLS 1.2. RFC 4492: ECDHE from TLS 1.0 on. RFC 8446: TLS 1.3.
  it('are usable in the versions that their RFCs name', () => {
    assert.deepEqual(
      names(({ versions }) => versions.includes('tls13')),
      ['AES_128_GCM_SHA256', 'AES_256_GCM_SHA384'],
    );
    assert.deepEqual(
      names(({ versions }) => versions.includes('ssl3')),
      ['RSA_3DES_EDE_CBC_SHA', 'RSA_AES_128_CBC_SHA', 'RSA_AES_256_CBC_SHA'],
    );
    for (const version of ['tls10', 'tls11'] as const) {
      assert.deepEqual(
        names(({ versions }) => versions.includes(version)),
        [
          'ECDHE_ECDSA_AES_128_CBC_SHA',
          'ECDHE_ECDSA_AES_256_CBC_SHA',
          'ECDHE_RSA_AES_128_CBC_SHA',
          'ECDHE_RSA_AES_256_CBC_SHA',
          'RSA_3DES_EDE_CBC_SHA',
          'RSA_AES_128_CBC_SHA',
          'RSA_AES_256_CBC_SHA',
        ],
      );
    }
    assert.equal(names(({ versions }) => versions.includes('tls12')).length, 19);
  });

  it('are required, in conflict or seen in the field as documentation and reports say', () => {
    const tls12 = (end: string) =>
      ['ECDHE_ECDSA_AES_128', 'ECDHE_ECDSA_AES_256', 'ECDHE_RSA_AES_128', 'ECDHE_RSA_AES_256'].map(
        (start) => `${start}_${end}_${start.endsWith('128') ? 'SHA256' : 'SHA384'}`,
      );
    assert.deepEqual(
      names(({ switching }) => switching === 'required'),
      ['AES_128_GCM_SHA256', 'AES_256_GCM_SHA384', ...tls12('GCM')],
    );
    assert.deepEqual(
      names(({ switching }) => switching === 'conflict'),
      tls12('CBC'),
    );
    assert.deepEqual(
      names(({ switching }) => switching === 'field'),
      ['RSA_AES_256_GCM_SHA384'],
    );
    assert.equal(names(({ switching }) => switching === 'documented').length, 10, 'nine by name, and Triple DES');
  });

  it('are off in the preset of Microsoft where PSRule names them, and nowhere else', () => {
    const one = instance({ createdAt: '2016-01-01T00:00:00Z' });
    assert.deepEqual(Object.keys(presetChanges(one, 'microsoft')).sort(), [
      ...['backend.tls10', 'backend.tls11'],
      'cipher.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
      'cipher.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
      'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA',
      'cipher.TLS_RSA_WITH_AES_128_CBC_SHA',
      'cipher.TLS_RSA_WITH_AES_128_CBC_SHA256',
      'cipher.TLS_RSA_WITH_AES_128_GCM_SHA256',
      'cipher.TLS_RSA_WITH_AES_256_CBC_SHA',
      'cipher.TLS_RSA_WITH_AES_256_CBC_SHA256',
      ...['client.tls10', 'client.tls11'],
    ]);
  });
});
