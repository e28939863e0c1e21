// How many endpoints a second the check of a planned configuration asks, on loopback, 64 at once.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Endpoint, Offer, OfferAnswer } from '../src/core/tls/evidence.ts';
import { gatewaySuites } from '../src/core/tls/ciphers.ts';
import { ask } from '../src/probe/survey.ts';

const atOnce = 64;
const hosts = 3000;
const rounds = 3;
/** Endpoints per second on two cores. */
const goal = 1000;

const environment = { ...process.env, OPENSSL_CONF: '/dev/null' };
const planned: Offer = { versions: ['tls12', 'tls13'], suites: gatewaySuites.map(({ code }) => code) };

async function startServer(directory: string, args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const files = ['-cert', path.join(directory, 'c.pem'), '-key', path.join(directory, 'k.pem')];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-www', ...files, ...args], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return { child, port: await acceptedPort(child) };
}

function acceptedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /ACCEPT .*:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('exit', () => reject(new Error('openssl s_server did not start')));
  });
}

/** Asks `count` endpoints spread over the ports, and returns endpoints per second. */
async function measure(ports: readonly number[], count: number, expected: OfferAnswer['connects']): Promise<number> {
  const endpoints = Array.from({ length: count }, (_, index): Endpoint => {
    return { host: '127.0.0.1', port: ports[index % ports.length] ?? 0 };
  }).values();
  const since = performance.now();
  const work = async (): Promise<void> => {
    for (const endpoint of endpoints) {
      const answer = await ask(endpoint, planned);
      if (answer.connects !== expected) throw new Error(`unexpected answer: ${answer.connects}, ${answer.why}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (count * 1000) / (performance.now() - since);
}

const cases: readonly { name: string; args: readonly string[]; expected: OfferAnswer['connects'] }[] = [
  { name: 'TLS 1.2 and 1.3', args: [], expected: 'yes' },
  { name: 'TLS 1.2 only', args: ['-tls1_2'], expected: 'yes' },
  { name: 'TLS 1.0 only', args: ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], expected: 'no' },
];

const directory = mkdtempSync(path.join(tmpdir(), 'apim-tls-bench-'));
const children: ChildProcess[] = [];
try {
  const out = ['-keyout', path.join(directory, 'k.pem'), '-out', path.join(directory, 'c.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key, '-subj', '/CN=localhost', ...out], {
    env: environment,
    stdio: 'ignore',
  });
  for (const { name, args, expected } of cases) {
    const servers = await Promise.all(Array.from({ length: 4 }, () => startServer(directory, args)));
    children.push(...servers.map(({ child }) => child));
    const ports = servers.map(({ port }) => port);
    await measure(ports, 300, expected);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) rates.push(await measure(ports, hosts, expected));
    const median = rates.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    const line = { name: `planned check, ${name}`, value: Math.round(median), unit: 'endpoints/s', goal: `>= ${goal}` };
    console.log(JSON.stringify(line));
    if (median < goal) process.exitCode = 1;
  }
} finally {
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => (child.kill('SIGKILL'), once(child, 'exit'))));
  rmSync(directory, { recursive: true });
}
