// Starts server programs of other makers on a free loopback port. What they print says when they are ready.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Running } from '../unit/probe/servers.ts';

/** Without the distribution's minimum security; Debian keeps servers off the PATH of ordinary users. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
  OPENSSL_CONF: '/dev/null',
  // NSS renegotiates only where it is told to.
  NSS_SSL_ENABLE_RENEGOTIATION: 'u',
};

export interface Launch {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  /** What it prints once it listens. */
  readonly ready: RegExp;
  readonly cwd?: string;
  /** SIGTERM for a program that ends its own children; SIGKILL otherwise. */
  readonly signal?: 'SIGTERM';
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Another port where somebody was quicker to take the free one. */
export async function launch(program: Launch, attempts = 3): Promise<Running> {
  const port = await freePort();
  const child = spawn(program.command, program.args(port), {
    env: environment,
    cwd: program.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  try {
    await printed(child, program);
  } catch (error) {
    await ended(child);
    if (attempts > 1 && /in use/i.test(String(error))) return launch(program, attempts - 1);
    throw error;
  }
  return { endpoint: { host: '127.0.0.1', port }, stop: () => ended(child, program.signal) };
}

function printed(child: ChildProcess, { command, ready }: Launch): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      if (text.length < 100_000) text += chunk.toString();
      if (ready.test(text)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${command} ended before it was ready: ${text}`)));
  });
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
