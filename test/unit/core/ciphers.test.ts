import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { presetChanges } from '../../../src/core/tls/presets.ts';
import { registeredSuites, suiteNames } from '../../../src/core/tls/suiteNames.ts';
import { byStrength, suiteStrength } from '../../../src/core/tls/suiteStrength.ts';
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

describe('the names of cipher suites', () => {
  it('hold every suite that the installed OpenSSL knows, by the same code point and name', () => {
    const all = ['ciphers', '-V', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'];
    const env = { ...process.env, OPENSSL_CONF: '/dev/null' };
    const lines = execFileSync('openssl', all, { env, encoding: 'utf8' }).trim().split('\n');
    assert.ok(lines.length > 20);
    for (const line of lines) {
      const [, high, low, name] = /0x(..),0x(..) - (\S+)/.exec(line) ?? [];
      assert.equal(suiteNames[parseInt(`${high}${low}`, 16)], name);
    }
  });

  it('fill the ranges of the registry and name nothing twice', () => {
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    // Without the codes that the registry keeps for SSL 2.0 and Fortezza (0x001c, 0x001d) and what it leaves unassigned.
    const assigned = [
      ...[...range(0x0000, 0x001b), ...range(0x001e, 0x0046), ...range(0x0067, 0x006d), ...range(0x0084, 0x00c7)],
      ...[...range(0x1301, 0x1307), ...range(0xc001, 0xc0b5), ...range(0xc100, 0xc106), ...range(0xcca8, 0xccae)],
      ...[0xd001, 0xd002, 0xd003, 0xd005],
    ];
    assert.deepEqual(Object.keys(registeredSuites).map(Number), assigned);
    assert.equal(new Set(Object.values(suiteNames)).size, Object.keys(suiteNames).length);
  });
});

describe('the strength of cipher suites', () => {
  it('follows from what a suite is made of', () => {
    const graded = {
      best: [0x1301, 0x1302, 0x1303],
      good: [0xc02f, 0xc02b, 0x009e, 0xcca8, 0xc09e],
      weak: [0xc013, 0x009c, 0x002f, 0x0033, 0xc027],
      insecure: [
        0x000a, 0x0004, 0x0005, 0x0009, 0x0003, 0x0001, 0x0034, 0x00a6, 0xc011, 0xc018, 0x0000, 0xc0b4, 0xfefe,
      ],
    } as const;
    for (const [strength, codes] of Object.entries(graded)) {
      for (const code of codes) assert.equal(suiteStrength(code), strength, suiteNames[code]);
    }
    assert.equal(suiteStrength(0xfafa), 'insecure', 'what has no name is not vouched for');
  });

  it('agrees with what is said of the suites of a gateway', () => {
    for (const { code, name, strength, keyExchange } of gatewaySuites) {
      const expected = keyExchange === 'TLS 1.3' ? 'best' : strength === 'recommended' ? 'good' : strength;
      assert.equal(suiteStrength(code), expected, name);
    }
  });

  it('puts the stronger first', () => {
    const sorted = [0x1302, 0xc030, 0xc02f, 0xc027, 0xc013, 0x009c, 0x002f, 0x000a];
    assert.deepEqual(byStrength([...sorted].reverse()), sorted);
  });
});
