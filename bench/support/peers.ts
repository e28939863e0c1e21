// Other probers: how each is run against a server, and what it says in the terms of a survey.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Endpoint } from '../../src/core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { suiteNames } from '../../src/core/tls/suiteNames.ts';
import { clientSays } from '../../test/stacks/oracle.ts';

export interface Findings {
  readonly protocols: Readonly<Partial<Record<ProtocolVersion, 'yes' | 'no'>>>;
  /** Sorted by code point. */
  readonly suites: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
}

export type Peer = (endpoint: Endpoint) => Promise<Findings>;

const mostMs = 120_000;

/** Only versions and suites are asked of it, as is the fastest way to call it. */
export const sslscanArguments: readonly string[] = [
  ...['--xml=-', '--no-heartbleed', '--no-renegotiation', '--no-compression', '--no-fallback', '--no-groups'],
  ...['--no-check-certificate', '--no-cipher-details'],
];

async function sslscan({ host, port }: Endpoint): Promise<Findings> {
  const { text } = await clientSays('sslscan', [...sslscanArguments, `${host}:${port}`], undefined, '', mostMs);
  const named: Readonly<Record<string, ProtocolVersion>> = {
    ssl3: 'ssl3',
    'tls1.0': 'tls10',
    'tls1.1': 'tls11',
    'tls1.2': 'tls12',
    'tls1.3': 'tls13',
  };
  const protocols = [...text.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="([01])"/g)];
  const ciphers = [...text.matchAll(/<cipher status="\w+" sslversion="([^"]+)"[^>]* id="0x(\w+)"/g)];
  return {
    protocols: Object.fromEntries(
      protocols.flatMap(([, type = '', version = '', on]) => {
        const known = named[type + version];
        return known ? [[known, on === '1' ? 'yes' : 'no']] : [];
      }),
    ),
    suites: grouped(
      ciphers.map(([, version = '', id = '']) => [named[version.toLowerCase().replace('v', '')], parseInt(id, 16)]),
    ),
  };
}

const codeOf = new Map(Object.entries(suiteNames).map(([code, name]) => [name, Number(code)]));

async function nmap({ host, port }: Endpoint): Promise<Findings> {
  const all = ['-Pn', '-n', '-p', String(port), '--script', 'ssl-enum-ciphers', '-oX', '-', host];
  const { text } = await clientSays('nmap', all, undefined, '', mostMs);
  const named: Readonly<Record<string, ProtocolVersion>> = {
    SSLv3: 'ssl3',
    'TLSv1.0': 'tls10',
    'TLSv1.1': 'tls11',
    'TLSv1.2': 'tls12',
    'TLSv1.3': 'tls13',
  };
  let version: ProtocolVersion | undefined;
  const pairs: [ProtocolVersion | undefined, number][] = [];
  for (const [, table, cipher] of text.matchAll(/<table key="([^"]+)"|<elem key="name">([^<]+)/g)) {
    if (table !== undefined) version = named[table] ?? version;
    if (cipher !== undefined) pairs.push([version, codeOf.get(cipher.replace('TLS_AKE_WITH', 'TLS')) ?? -1]);
  }
  return withAbsent(grouped(pairs));
}

async function testssl({ host, port }: Endpoint): Promise<Findings> {
  const directory = mkdtempSync(path.join(tmpdir(), 'apim-tls-testssl-'));
  const file = path.join(directory, 'found.json');
  try {
    const all = ['--quiet', '--color', '0', '--warnings', 'off', '-p', '-E', '--jsonfile', file, `${host}:${port}`];
    await clientSays('testssl', all, undefined, '', mostMs);
    const text = readFileSync(file, 'utf8');
    const named: Readonly<Record<string, ProtocolVersion>> = {
      ssl3: 'ssl3',
      tls1: 'tls10',
      tls1_1: 'tls11',
      tls1_2: 'tls12',
      tls1_3: 'tls13',
    };
    const ciphers = [...text.matchAll(/"cipher-(\w+?)_x(\w+)"/g)];
    return withAbsent(grouped(ciphers.map(([, version = '', code = '']) => [named[version], parseInt(code, 16)])));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** For tools that list what they found only: a version without a suite is one that they say no to. */
function withAbsent(suites: Findings['suites']): Findings {
  const protocols = Object.fromEntries(protocolVersions.map((version) => [version, suites[version] ? 'yes' : 'no']));
  return { protocols: protocols, suites };
}

function grouped(pairs: readonly (readonly [ProtocolVersion | undefined, number])[]): Findings['suites'] {
  const found: Partial<Record<ProtocolVersion, number[]>> = {};
  for (const [version, code] of pairs) if (version) (found[version] ??= []).push(code);
  return Object.fromEntries(
    Object.entries(found).map(([version, codes]) => [version, [...new Set(codes)].sort((a, b) => a - b)]),
  );
}

export const peers: Readonly<Record<'sslscan' | 'nmap' | 'testssl.sh', Peer>> = {
  sslscan,
  nmap,
  'testssl.sh': testssl,
};
