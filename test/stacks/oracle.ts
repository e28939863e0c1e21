// The truth about a server by the clients of other makers: one handshake for each version and cipher suite.

import { spawn } from 'node:child_process';
import { protocolVersions, type ProtocolVersion } from '../../src/core/tls/protocols.ts';
import type { Endpoint, Preference } from '../../src/core/tls/evidence.ts';
import { suiteNames } from '../../src/core/tls/suiteNames.ts';
import { perVersion } from '../../src/probe/versions.ts';
import { openssl } from '../unit/probe/servers.ts';
import { environment } from './processes.ts';

/** A suite that was picked, as its code point; null: no handshake. Of several only OpenSSL tells which. */
type Picked = number | null;

interface Client {
  /** Whether it can offer this suite in this version. */
  readonly knows: (version: ProtocolVersion, suite: number) => boolean;
  /** A handshake with these suites, best first; all of them are known. */
  readonly pick: (endpoint: Endpoint, version: ProtocolVersion, suites: readonly number[]) => Promise<Picked>;
}

interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a client until it ends, or until it prints what decides the matter. */
export function clientSays(
  command: string,
  args: readonly string[],
  enough?: RegExp,
  input = '',
  timeoutMs = 10_000,
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs });
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (enough?.test(text)) child.kill('SIGKILL');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    // A client that has ended does not read what it was to send.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

const opensslVersion = { tls10: '-tls1', tls11: '-tls1_1', tls12: '-tls1_2', tls13: '-tls1_3' } as const;
const suiteOf13 = (code: number): boolean => code >= 0x1301 && code <= 0x1305;
const only12 = /(GCM|CCM|CCM_8|POLY1305|SHA256|SHA384)$/;

/** A suite with SHA-2 or AEAD needs TLS 1.2 (RFC 5246, 5288); TLS 1.3 has its own. */
function fits(version: ProtocolVersion, suite: number): boolean {
  if (version === 'tls13' || suiteOf13(suite)) return version === 'tls13' && suiteOf13(suite);
  return version === 'tls12' || !only12.test(suiteNames[suite] ?? '');
}

/** OpenSSL's name of a suite by code point. */
function opensslNames(): ReadonlyMap<number, string> {
  const lines = openssl('ciphers', '-V', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0').split('\n');
  return new Map(
    lines.flatMap((line): [number, string][] => {
      const match = /0x(..),0x(..) - (\S+)/.exec(line);
      return match ? [[parseInt(`${match[1]}${match[2]}`, 16), match[3] ?? '']] : [];
    }),
  );
}

function byOpenssl(): Client {
  const names = opensslNames();
  // CCM suites of TLS 1.3 are not in the list of `ciphers`.
  const name = (code: number): string =>
    names.get(code) ?? { 0x1304: 'TLS_AES_128_CCM_SHA256', 0x1305: 'TLS_AES_128_CCM_8_SHA256' }[code] ?? '';
  const codes = new Map([...names.keys(), 0x1304, 0x1305].map((code) => [name(code), code]));
  return {
    knows: (version, suite) => version !== 'ssl3' && name(suite) !== '' && fits(version, suite),
    pick: async ({ host, port }, version, suites) => {
      if (version === 'ssl3') return null;
      const list = suites.map(name).join(':');
      const offer = version === 'tls13' ? ['-ciphersuites', list] : ['-cipher', `${list}:@SECLEVEL=0`];
      const psk = suites.some((suite) => (suiteNames[suite] ?? '').includes('PSK')) ? ['-psk', '1234'] : [];
      const to = ['s_client', ...noRoots, '-connect', `${host}:${port}`, opensslVersion[version]];
      const { text } = await clientSays(
        'openssl',
        [...to, ...offer, ...psk, ...everyGroup],
        /Cipher is (?!\(NONE\))\S+\n/,
      );
      const picked = /Cipher is (\S+)/.exec(text)?.[1] ?? '';
      return codes.get(picked) ?? null;
    },
  };
}

/** Reading the roots of this machine would take five times as long as the handshake. */
const noRoots = ['-no-CAfile', '-no-CApath', '-no-CAstore'];
const everyGroup = [
  '-groups',
  'X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192:secp256k1:brainpoolP384r1',
];

const nssVersion = { ssl3: 'ssl3', tls10: 'tls1.0', tls11: 'tls1.1', tls12: 'tls1.2', tls13: 'tls1.3' } as const;

/** The suites of NSS that OpenSSL lacks: RC4, DES and 3DES. NSS alone has SSL 3.0. */
const nssSuites = [
  0x0001, 0x0002, 0x0004, 0x0005, 0x0009, 0x000a, 0x0015, 0x0016, 0x002f, 0x0033, 0x0035, 0x0039, 0x0041, 0x0045,
  0x0084, 0x0088, 0x0096, 0xc006, 0xc007, 0xc008, 0xc009, 0xc00a, 0xc010, 0xc011, 0xc012, 0xc013, 0xc014,
];

function byNss(): Client {
  return {
    knows: (version, suite) =>
      version !== 'tls13' && nssSuites.includes(suite) && !(version === 'ssl3' && suite > 0xff),
    pick: async ({ host, port }, version, suites) => {
      const list = suites.map((suite) => `:${suite.toString(16).toUpperCase().padStart(4, '0')}`).join('');
      const range = `${nssVersion[version]}:${nssVersion[version]}`;
      const all = ['-h', host, '-p', String(port), '-D', '-o', '-Q', '-v', '-V', range, '-c', list];
      const { text } = await clientSays('tstclnt', all, /SSL version/);
      return /SSL version \d/.test(text) ? (suites[0] ?? null) : null;
    },
  };
}

const gnutlsVersion = { tls10: 'TLS1.0', tls11: 'TLS1.1', tls12: 'TLS1.2', tls13: 'TLS1.3' } as const;
const gnutlsExchange: Readonly<Record<string, string>> = {
  RSA: 'RSA',
  DHE_RSA: 'DHE-RSA',
  DHE_DSS: 'DHE-DSS',
  ECDHE_RSA: 'ECDHE-RSA',
  ECDHE_ECDSA: 'ECDHE-ECDSA',
  DH_ANON: 'ANON-DH',
  ECDH_ANON: 'ANON-ECDH',
};

/** GnuTLS names a suite by key exchange, cipher and MAC; its own list gives the code points. */
async function byGnutls(root: string): Promise<Client> {
  const { text } = await clientSays('gnutls-cli', ['--list']);
  const priorities = new Map<number, string>();
  for (const [, name = '', high = '', low = ''] of text.matchAll(/^TLS_(\w+)\s+0x(..), 0x(..)\s/gm)) {
    const parts = /^(\w+?)_(3DES_EDE_CBC|ARCFOUR_128|(?:AES|CAMELLIA)_\d+_(?:CBC|GCM|CCM_8|CCM))(?:_(\w+))?$/.exec(
      name,
    );
    const exchange = gnutlsExchange[parts?.[1] ?? ''];
    const cipher = parts?.[2]?.replace('_EDE', '').replaceAll('_', '-');
    if (!exchange || !cipher) continue;
    const mac = /GCM|CCM/.test(cipher) ? 'AEAD' : parts?.[3];
    priorities.set(parseInt(high + low, 16), `+${exchange}:+${cipher}:+${mac}`);
  }
  return {
    knows: (version, suite) => version in gnutlsVersion && priorities.has(suite) && fits(version, suite),
    pick: async ({ host, port }, version, suites) => {
      if (version === 'ssl3') return null;
      const common = '+SIGN-ALL:+GROUP-ALL:+COMP-NULL:%VERIFY_ALLOW_SIGN_WITH_SHA1';
      const parts = suites.map((suite) => priorities.get(suite)).join(':');
      const priority = `NONE:+VERS-${gnutlsVersion[version]}:${parts}:${common}`;
      const all = ['--insecure', '--x509cafile', root, '--priority', priority, '-p', String(port), host];
      const said = await clientSays('gnutls-cli', all, /Handshake was completed/);
      return said.text.includes('Handshake was completed') ? (suites[0] ?? null) : null;
    },
  };
}

export interface Truth {
  readonly protocols: Readonly<Record<ProtocolVersion, 'yes' | 'no'>>;
  /** Sorted by code point. */
  readonly suites: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
}

export interface Oracle {
  /** A handshake with those of the suites, best first, that a client knows; which one it is OpenSSL alone can tell. */
  pick(endpoint: Endpoint, version: ProtocolVersion, suites: readonly number[]): Promise<Picked>;
  truth(endpoint: Endpoint): Promise<Truth>;
  /** In which order the server picks among suites that it accepts and OpenSSL knows; undefined for others. */
  order(
    endpoint: Endpoint,
    version: ProtocolVersion,
    suites: readonly number[],
  ): Promise<readonly number[] | undefined>;
  /** Those of `knownGroups` with which OpenSSL gets a handshake, sorted; up to TLS 1.2 those of ECDHE. */
  groups(endpoint: Endpoint, version: GroupVersion): Promise<readonly number[]>;
  preference(endpoint: Endpoint, version: ProtocolVersion, suites: readonly number[]): Promise<Preference>;
}

export type GroupVersion = 'tls12' | 'tls13';

/** Code points of the TLS Supported Groups registry that OpenSSL can offer in a version, and its names for them. */
export const knownGroups: Readonly<Record<GroupVersion, ReadonlyMap<number, string>>> = {
  tls12: new Map([
    [22, 'secp256k1'],
    [23, 'P-256'],
    [24, 'P-384'],
    [25, 'P-521'],
    [26, 'brainpoolP256r1'],
    [27, 'brainpoolP384r1'],
    [28, 'brainpoolP512r1'],
    [29, 'X25519'],
    [30, 'X448'],
  ]),
  tls13: new Map([
    [23, 'P-256'],
    [24, 'P-384'],
    [25, 'P-521'],
    [29, 'X25519'],
    [30, 'X448'],
    [256, 'ffdhe2048'],
    [257, 'ffdhe3072'],
    [258, 'ffdhe4096'],
    [259, 'ffdhe6144'],
    [260, 'ffdhe8192'],
  ]),
};

const certificateCurves = ['P-256', 'P-384', 'P-521'];
/** How s_client names the curve of a key exchange, where that is another name. */
const temporaryKeys: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

async function groupsOf({ host, port }: Endpoint, version: GroupVersion): Promise<readonly number[]> {
  const suites = version === 'tls12' ? ['-cipher', 'ECDHE:AECDH:@SECLEVEL=0'] : [];
  const to = ['s_client', ...noRoots, '-connect', `${host}:${port}`, opensslVersion[version], ...suites, '-groups'];
  const found = await pool([...knownGroups[version]], async ([code, name]) => {
    const alone = await clientSays('openssl', [...to, name], /Cipher is (?!\(NONE\))\S+\n/);
    if (/Cipher is (?!\(NONE\))/.test(alone.text)) return [code];
    if (version === 'tls13') return [];
    // Up to TLS 1.2 the groups have to allow for the curve of the certificate as well (RFC 8422, 5.1).
    const { text } = await clientSays(
      'openssl',
      [...to, [...new Set([name, ...certificateCurves])].join(':')],
      /Cipher is \S+\n/,
    );
    const used = /Server Temp Key: (?:ECDH, )?([^,]+),/.exec(text)?.[1];
    return used === (temporaryKeys[name] ?? name) ? [code] : [];
  });
  return found.flat().sort((a, b) => a - b);
}

/** How many clients run at once. */
const atOnce = 4;

export async function makeOracle(root: string): Promise<Oracle> {
  const bySsl = byOpenssl();
  const clients = [bySsl, byNss(), await byGnutls(root)];
  /** Each suite goes to the first client that knows it. */
  const shared = (version: ProtocolVersion): readonly (readonly [Client, readonly number[]])[] => {
    const codes = Object.keys(suiteNames).map(Number);
    const first = (suite: number): Client | undefined => clients.find(({ knows }) => knows(version, suite));
    return clients.map((client) => [client, codes.filter((suite) => first(suite) === client)]);
  };
  const known = perVersion(shared);

  const accepted = async (endpoint: Endpoint, version: ProtocolVersion): Promise<readonly number[]> => {
    const picked: Picked[] = [];
    for (const [client, suites] of known[version]) {
      // One handshake with everything saves a hundred where the version is not spoken at all.
      const any = suites.length > 0 && (await client.pick(endpoint, version, suites)) !== null;
      if (any) picked.push(...(await pool(suites, (suite) => client.pick(endpoint, version, [suite]))));
    }
    return picked.filter((suite) => suite !== null).sort((a, b) => a - b);
  };
  const truth = async (endpoint: Endpoint): Promise<Truth> => {
    const lists: [ProtocolVersion, readonly number[]][] = [];
    for (const version of protocolVersions) lists.push([version, await accepted(endpoint, version)]);
    return {
      protocols: Object.fromEntries(
        lists.map(([version, list]) => [version, list.length > 0 ? 'yes' : 'no']),
      ) as Truth['protocols'],
      suites: Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
    };
  };
  const order: Oracle['order'] = async (endpoint, version, suites) => {
    if (!suites.every((suite) => bySsl.knows(version, suite))) return undefined;
    const picked: number[] = [];
    for (let left = [...suites]; left.length > 0;) {
      const next = await bySsl.pick(endpoint, version, left);
      if (next === null) return undefined;
      picked.push(next);
      left = left.filter((suite) => suite !== next);
    }
    return picked;
  };
  const preference: Oracle['preference'] = async (endpoint, version, suites) => {
    const mine = suites.filter((suite) => bySsl.knows(version, suite));
    if (mine.length < 2) return 'unknown';
    const there = await bySsl.pick(endpoint, version, mine);
    const back = await bySsl.pick(endpoint, version, mine.toReversed());
    return there === back ? 'server' : 'client';
  };
  const pick: Oracle['pick'] = async (endpoint, version, suites) => {
    for (const client of clients) {
      const mine = suites.filter((suite) => client.knows(version, suite));
      const picked = mine.length === 0 ? null : await client.pick(endpoint, version, mine);
      if (picked !== null) return picked;
    }
    return null;
  };
  return { pick, truth, order, preference, groups: groupsOf };
}

/** The results in the order of the tasks. */
async function pool<T, R>(tasks: readonly T[], run: (task: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = tasks.entries();
  const work = async (): Promise<void> => {
    for (const [index, task] of queue) results[index] = await run(task);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
