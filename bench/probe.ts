// The prober against sslscan, nmap and testssl.sh on the same servers: what each gets right, connections, time.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gatewaySuites } from '../src/core/tls/ciphers.ts';
import type { Endpoint, Offer, Survey } from '../src/core/tls/evidence.ts';
import { protocolVersions } from '../src/core/tls/protocols.ts';
import { ask, survey, surveyAll } from '../src/probe/survey.ts';
import { catalogue, fillPki } from '../test/stacks/catalogue.ts';
import { certificateTruth } from '../test/stacks/certificateOracle.ts';
import { makeOracle, type Truth } from '../test/stacks/oracle.ts';
import { environment, launch } from '../test/stacks/processes.ts';
import { apacheOf, nginxOf, opensslOf, type Start } from '../test/stacks/servers.ts';
import { Pki, type Running } from '../test/unit/probe/servers.ts';
import { printFigure, quantile } from './support/figures.ts';
import { peers, sslscanArguments, type Findings, type Peer } from './support/peers.ts';
import { startRelay } from './support/relay.ts';

const every = ['-cipher', 'ALL:!aNULL:@SECLEVEL=0'];
const clientCertificate = ['-verify_return_error', '-CAfile', '@root.crt', '-Verify', '1'];

/** Real servers of seven makers, among them those on which probers have been seen to err. */
const compared: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    [
      'OpenSSL as it comes',
      'OpenSSL with an odd choice in its own order',
      'OpenSSL, TLS 1.0 only',
      'OpenSSL, TLS 1.3 only, with CCM',
      'OpenSSL with a P-384 certificate',
      'OpenSSL with an Ed25519 certificate',
      'OpenSSL with X25519 only',
      'OpenSSL with a certificate over 16 KiB',
      'GnuTLS with every suite',
      'NSS from SSL 3.0 on',
      'nginx with RSA and ECDSA',
      'Apache as it comes',
      'HAProxy with old versions',
      'stunnel as it comes',
    ].map((name) => [name, catalogue[name] as Start]),
  ),
  'OpenSSL, client certificate required, TLS 1.2': opensslOf('rsa', '-tls1_2', ...clientCertificate),
  'OpenSSL, client certificate required, TLS 1.3': opensslOf('rsa', '-tls1_3', ...clientCertificate),
  'Apache, client certificate by renegotiation': apacheOf(
    `SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @rsa.key\nSSLCACertificateFile @root.crt
     <Location /secure/>\nSSLVerifyClient require\n</Location>`,
  ),
};

const path = '/secure/';
const ours: Peer = async (endpoint) => findings(await survey(endpoint, null, { depth: 'full', path }));

function findings({ protocols, suites }: Survey): Findings {
  const known = Object.entries(protocols).filter(([, answer]) => answer !== 'unknown');
  return { protocols: Object.fromEntries(known), suites };
}
const tools: Readonly<Record<string, Peer>> = { 'this prober': ours, ...peers };

interface Score {
  servers: number;
  protocols: number;
  suites: number;
  /** Versions and suites that are there and were denied, or not there and were claimed. */
  falseFacts: number;
}

function judge(score: Score, found: Findings, truth: Truth): void {
  score.servers += 1;
  const wrong = protocolVersions.filter((version) => {
    const said = found.protocols[version];
    return said !== undefined && said !== truth.protocols[version];
  });
  const right = protocolVersions.every((version) => found.protocols[version] === truth.protocols[version]);
  const lists = protocolVersions.filter((version) => {
    return (found.suites[version] ?? []).toSorted((a, b) => a - b).join() !== (truth.suites[version] ?? []).join();
  });
  if (right) score.protocols += 1;
  if (lists.length === 0) score.suites += 1;
  score.falseFacts += wrong.length + lists.filter((version) => !wrong.includes(version)).length;
}

async function withServer<T>(pki: Pki, start: Start, use: (server: Running) => Promise<T>): Promise<T> {
  const server = await start(pki);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function compareCorrectness(pki: Pki): Promise<void> {
  const oracle = await makeOracle(pki.file('root.crt'));
  const scores = new Map(
    Object.keys(tools).map((tool) => [tool, { servers: 0, protocols: 0, suites: 0, falseFacts: 0 }]),
  );
  let certificatesRight = 0;
  for (const [name, start] of Object.entries(compared)) {
    await withServer(pki, start, async ({ endpoint }) => {
      const truth = await oracle.truth(endpoint);
      for (const [tool, run] of Object.entries(tools)) {
        const score = scores.get(tool);
        const found = await run(endpoint);
        if (score) judge(score, found, truth);
      }
      const asked = await certificateTruth(endpoint, path);
      const { clientCertificate: seen } = await survey(endpoint, null, { depth: 'full', path });
      const same =
        seen.inHandshake === asked.inHandshake &&
        seen.renegotiation === asked.renegotiation &&
        seen.postHandshake === asked.postHandshake;
      if (same) certificatesRight += 1;
      else console.error(`${name}: ${JSON.stringify(seen)} instead of ${JSON.stringify(asked)}`);
    });
  }
  for (const [tool, { servers, protocols, suites, falseFacts }] of scores) {
    const goal = tool === 'this prober' ? { goal: `>= ${servers}` } : {};
    printFigure({ name: `protocol sets right, ${tool}`, value: protocols, unit: `of ${servers} servers`, ...goal });
    printFigure({ name: `cipher lists right, ${tool}`, value: suites, unit: `of ${servers} servers`, ...goal });
    const none = tool === 'this prober' ? { goal: '<= 0' } : {};
    printFigure({ name: `false facts, ${tool}`, value: falseFacts, unit: 'versions', ...none });
  }
  const all = Object.keys(compared).length;
  const goal = `>= ${all}`;
  printFigure({
    name: 'client certificates right, this prober',
    value: certificatesRight,
    unit: `of ${all} servers`,
    goal,
  });
}

async function median(rounds: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const since = performance.now();
    await run();
    times.push((performance.now() - since) / 1000);
  }
  return quantile(times, 0.5);
}

/** 67 suites in four versions, the client's order; many connections at once, as servers of today have them. */
const nginx67 = nginxOf(
  `ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key; ssl_dhparam @dh2048.pem; ssl_ciphers ${every[1]};
   ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;`,
);
/** The same suites in a server that answers one connection after the other. */
const openssl67 = opensslOf('rsa', ...every);

const surveyOf =
  (depth: 'suites' | 'full', maxConnections: number): Peer =>
  async (endpoint) => {
    const found = findings(await survey(endpoint, null, { depth, maxConnections }));
    const count = Object.values(found.suites).flat().length;
    if (count !== 67) throw new Error(`${count} suites instead of 67`);
    return found;
  };

/** What peers ask (versions and suites) and everything, with the default of connections at once. */
const near: Readonly<Record<string, Peer>> = {
  'this prober, versions and suites': surveyOf('suites', 8),
  'this prober, full': surveyOf('full', 8),
  sslscan: peers.sslscan,
  nmap: peers.nmap,
};
/** The same with more connections at once; 64 is the most that the setting allows. */
const farAway: Readonly<Record<string, Peer>> = {
  ...near,
  ...Object.fromEntries(
    [16, 32, 64].flatMap((most) => [
      [`this prober, versions and suites, ${most} at once`, surveyOf('suites', most)],
      [`this prober, full, ${most} at once`, surveyOf('full', most)],
    ]),
  ),
};

/** The servers with 67 suites: connections, and time on loopback and at 50 ms round-trip time. */
async function compareSpeed(pki: Pki): Promise<void> {
  await withServer(pki, nginx67, async ({ endpoint }) => {
    await near['this prober, full']?.(endpoint);
    const seconds = new Map<string, number>();
    for (const [tool, run] of Object.entries(near)) seconds.set(tool, await median(5, () => run(endpoint)));
    const best = Math.min(...['sslscan', 'nmap'].map((tool) => seconds.get(tool) ?? Infinity));
    for (const [tool, value] of seconds) {
      const goal = tool.startsWith('this prober') ? { goal: `<= ${best.toFixed(2)}` } : {};
      printFigure({ name: `67 suites on loopback, ${tool}`, value, unit: 's', ...goal });
    }
    const slow = await median(1, () => peers['testssl.sh'](endpoint));
    printFigure({ name: '67 suites on loopback, testssl.sh', value: slow, unit: 's' });
    await compareAt50(endpoint, farAway, [
      'this prober, full, 64 at once',
      'this prober, versions and suites, 32 at once',
    ]);
  });
  await withServer(pki, openssl67, async ({ endpoint }) => {
    await compareAt50(endpoint, near, [], ', one connection after the other');
  });
}

async function compareAt50(
  endpoint: Endpoint,
  tools: Readonly<Record<string, Peer>>,
  quick: readonly string[],
  server = '',
): Promise<void> {
  const far = await startRelay(endpoint, 50);
  for (const [tool, run] of Object.entries(tools)) {
    const rounds = tool.startsWith('this prober') && server === '' ? 5 : 1;
    const value = await median(rounds, () => run(far.endpoint));
    const goal = quick.includes(tool) ? { goal: '<= 0.6' } : {};
    printFigure({ name: `67 suites at 50 ms round-trip time${server}, ${tool}`, value, unit: 's', ...goal });
    const connections = (await far.count()) / rounds;
    printFigure({ name: `67 suites, connections${server}, ${tool}`, value: connections, unit: 'connections' });
  }
  await far.stop();
}

const hosts = 1000;
const planned: Offer = { versions: ['tls12', 'tls13'], suites: gatewaySuites.map(({ code }) => code) };

/** nginx on 1,000 loopback addresses, with an ECDSA certificate, in two processes. */
async function manyHosts(pki: Pki): Promise<{ server: Running; endpoints: readonly Endpoint[] }> {
  const directory = pki.file('many');
  mkdirSync(directory);
  const addresses = Array.from(
    { length: hosts },
    (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  );
  const server = await launch({
    command: 'nginx',
    args: (port) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${name};`,
      );
      const listen = addresses.map((address) => `listen ${address}:${port} ssl backlog=64;`).join('\n');
      const certificate = `ssl_certificate ${pki.file('ecdsa.crt')}; ssl_certificate_key ${pki.file('ecdsa.key')};`;
      writeFileSync(
        `${directory}/nginx.conf`,
        `daemon off; worker_processes 2; pid nginx.pid; error_log stderr notice; worker_rlimit_nofile 16384;
         events { worker_connections 8192; }
         http { access_log off; ${temporary.join(' ')}
           server { ${listen} ${certificate} ssl_protocols TLSv1.2 TLSv1.3; location / { return 200 "ok"; } } }`,
      );
      return ['-p', directory, '-c', `${directory}/nginx.conf`, '-e', 'stderr'];
    },
    ready: /start worker process \d+[\s\S]*start worker process \d+/,
    signal: 'SIGTERM',
  });
  return { server, endpoints: addresses.map((host) => ({ host, port: server.endpoint.port })) };
}

async function sslscanTimes8(endpoints: readonly Endpoint[]): Promise<void> {
  const queue = endpoints.values();
  const work = async (): Promise<void> => {
    for (const { host, port } of queue) {
      const all = [...sslscanArguments, `${host}:${port}`];
      await once(spawn('sslscan', all, { env: environment, stdio: 'ignore' }), 'exit');
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

async function perSecond(count: number, run: () => Promise<unknown>, rounds = 3): Promise<number> {
  return count / (await median(rounds, run));
}

async function compareThroughput(pki: Pki): Promise<void> {
  const { server, endpoints } = await manyHosts(pki);
  try {
    const verdicts = async (): Promise<void> => {
      const queue = endpoints.values();
      const work = async (): Promise<void> => {
        for (const endpoint of queue) {
          const { connects, why } = await ask(endpoint, planned);
          if (connects !== 'yes') throw new Error(`unexpected verdict: ${connects}, ${why}`);
        }
      };
      await Promise.all(Array.from({ length: 64 }, work));
    };
    const surveys = (depth: 'full' | 'suites' | 'gateway') => async (): Promise<void> => {
      const results = await surveyAll(endpoints, depth === 'gateway' ? planned : null, () => undefined, { depth });
      const complete = results.filter(({ protocols }) => protocols.tls12 === 'yes' && protocols.tls13 === 'yes');
      if (complete.length < hosts) throw new Error(`${hosts - complete.length} surveys are not complete`);
    };
    await verdicts();
    const unit = 'endpoints/s';
    const figure = async (name: string, run: () => Promise<unknown>, goal?: string): Promise<void> => {
      printFigure({ name, value: await perSecond(hosts, run), unit, ...(goal === undefined ? {} : { goal }) });
    };
    await figure('1,000 endpoints, planned configuration', verdicts, '>= 3000');
    await figure('1,000 endpoints, survey for the gateway', surveys('gateway'));
    await figure('1,000 endpoints, versions and suites', surveys('suites'), '>= 250');
    await figure('1,000 endpoints, full survey', surveys('full'));
    const some = endpoints.slice(0, 200);
    const sslscan = await perSecond(some.length, () => sslscanTimes8(some), 1);
    printFigure({ name: '200 endpoints, sslscan, 8 at once', value: sslscan, unit });
    const all = ['-Pn', '-n', '-p', String(server.endpoint.port), '--script', 'ssl-enum-ciphers'];
    const nmap = async (): Promise<void> => {
      const child = spawn('nmap', [...all, ...some.map(({ host }) => host)], { env: environment, stdio: 'ignore' });
      await once(child, 'exit');
    };
    printFigure({ name: '200 endpoints, nmap', value: await perSecond(some.length, nmap, 1), unit });
  } finally {
    await server.stop();
  }
}

const pki = new Pki();
try {
  fillPki(pki);
  const parts = { correctness: compareCorrectness, speed: compareSpeed, throughput: compareThroughput };
  const wanted = process.argv.slice(2);
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) await part(pki);
  }
} finally {
  pki.remove();
}
