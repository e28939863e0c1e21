// What the survey says against what `openssl s_client` sees: every version and every suite of a gateway, one by one.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import type { Endpoint } from '../../../src/core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../../../src/core/tls/protocols.ts';
import { survey } from '../../../src/probe/survey.ts';
import { openssl, opensslServer, Pki, type Running } from './servers.ts';

const versionFlags: Readonly<Partial<Record<ProtocolVersion, string>>> = {
  tls10: '-tls1',
  tls11: '-tls1_1',
  tls12: '-tls1_2',
  tls13: '-tls1_3',
};

/** OpenSSL's name of a suite; none for what this OpenSSL was built without. */
function opensslNames(): ReadonlyMap<number, string> {
  const lines = openssl('ciphers', '-V', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0').split('\n');
  return new Map(
    lines.flatMap((line): [number, string][] => {
      const match = /0x(..),0x(..) - (\S+)/.exec(line);
      return match ? [[parseInt(`${match[1]}${match[2]}`, 16), match[3] ?? '']] : [];
    }),
  );
}

async function connects({ host, port }: Endpoint, args: readonly string[]): Promise<boolean> {
  const child = spawn('openssl', ['s_client', '-connect', `${host}:${port}`, ...args], {
    env: { ...process.env, OPENSSL_CONF: '/dev/null' },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

const servers: Readonly<Record<string, readonly string[]>> = {
  'everything OpenSSL has': ['-cipher', 'ALL:@SECLEVEL=0'],
  'TLS 1.1 and 1.2 with an odd choice of suites': [
    ...['-min_protocol', 'TLSv1.1', '-max_protocol', 'TLSv1.2', '-serverpref'],
    ...[
      '-cipher',
      'AES128-SHA:ECDHE-RSA-AES256-SHA384:CAMELLIA256-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0',
    ],
  ],
  'an ECDSA certificate': ['-cipher', 'ALL:@SECLEVEL=0'],
};

describe('survey against openssl s_client', () => {
  let pki: Pki;
  let server: Running | undefined;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    pki.leaf('ecdsa', 'IP:127.0.0.1', 'root', 'ec:P-256');
  });
  afterEach(async () => server?.stop());
  after(() => pki.remove());

  for (const [name, args] of Object.entries(servers)) {
    it(`agrees on a server with ${name}`, async function () {
      this.timeout(60_000);
      const names = opensslNames();
      server = await opensslServer([...pki.args(name.includes('ECDSA') ? 'ecdsa' : 'rsa'), ...args]);
      const result = await survey(server.endpoint, null);
      for (const version of protocolVersions) {
        const flag = versionFlags[version];
        if (flag === undefined) continue;
        const all = version === 'tls13' ? [] : ['-cipher', 'ALL:@SECLEVEL=0'];
        const truth: string = (await connects(server.endpoint, [flag, ...all])) ? 'yes' : 'no';
        assert.equal(result.protocols[version], truth, version);
        const expected: number[] = [];
        for (const { code, versions } of gatewaySuites) {
          const suite = names.get(code);
          if (suite === undefined || !versions.includes(version) || truth === 'no') continue;
          const only = version === 'tls13' ? ['-ciphersuites', suite] : ['-cipher', `${suite}:@SECLEVEL=0`];
          if (await connects(server.endpoint, [flag, ...only])) expected.push(code);
        }
        assert.deepEqual(
          [...(result.suites[version] ?? [])].sort((a, b) => a - b),
          expected.sort((a, b) => a - b),
          version,
        );
      }
    });
  }
});
