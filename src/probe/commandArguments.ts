// The arguments of the command line: what to probe and how, or a sentence on what is wrong with them.

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { gatewaySuites } from '../core/tls/ciphers.ts';
import type { Endpoint, Offer } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteNames } from '../core/tls/suiteNames.ts';
import { parseTarget, type TargetProblem } from './target.ts';
import type { ProbeOptions } from './visit.ts';

export const usage = `Usage: npm run --silent probe -- https://host[:port][/path] [options]

  --sni NAME           server name to send, and to hold the certificate against
  --connect ADDRESS    connect to this address, or address:port, instead of what the host resolves to
  --ca FILE            trust the certificates of this PEM file as well; may be given several times
  --plan JSON          ask whether a client with these settings would connect, such as
                       '{"versions":["tls12"],"suites":["0xc02f","TLS_AES_128_GCM_SHA256"]}'
                       versions: ssl3, tls10, tls11, tls12, tls13; left out: those that the suites fit
                       suites: code points or IANA names, best first; left out: those of an API Management gateway
  --versions-only      versions and certificate only
  --suites-only        versions, cipher suites in their order, and certificate only
  --json               the result as one JSON object
  --connections N      connections at once, 1 to 256; default 8
  --timeout SECONDS    for all of it, 1 to 3600; default 60
  --help               this text

HTTPS_PROXY and NO_PROXY are obeyed. Exit code 0 when the probe could be made, 2 for wrong arguments.`;

/** Wrong arguments; the message is a sentence for the person at the keyboard. */
export class ArgumentProblem extends Error {
  override readonly name = 'ArgumentProblem';
}

export interface CommandRequest {
  readonly endpoint: Endpoint;
  readonly planned: Offer | null;
  readonly options: Omit<ProbeOptions, 'signal' | 'proxy'>;
  readonly json: boolean;
  readonly path: string;
}

const options = {
  sni: { type: 'string' },
  connect: { type: 'string' },
  ca: { type: 'string', multiple: true },
  plan: { type: 'string' },
  'versions-only': { type: 'boolean', default: false },
  'suites-only': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  connections: { type: 'string', default: '8' },
  timeout: { type: 'string', default: '60' },
  help: { type: 'boolean', default: false },
} as const;

/** "help" where that was asked for. Throws `ArgumentProblem`. */
export function readArguments(args: readonly string[]): CommandRequest | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [url, ...more] = positionals;
  if (url === undefined) throw new ArgumentProblem('Name the server to probe, such as https://api.contoso.com.');
  if (more.length > 0) throw new ArgumentProblem(`One server at a time: "${more.join(' ')}" is one too many.`);
  const target = parseTarget(url);
  if (!target.ok) throw new ArgumentProblem(`"${url}": ${targetProblems[target.code]}`);
  if (target.scheme === 'http') throw new ArgumentProblem(`"${url}" has no TLS. Name an https:// address.`);
  return {
    endpoint: target.endpoint,
    path: target.path,
    json: values.json,
    planned: values.plan === undefined ? null : readPlan(values.plan),
    options: {
      depth: values['versions-only'] ? 'versions' : values['suites-only'] ? 'suites' : 'full',
      path: target.path,
      maxConnections: numberBetween('--connections', values.connections, 1, 256),
      endpointTimeoutMs: numberBetween('--timeout', values.timeout, 1, 3600) * 1000,
      extraRoots: (values.ca ?? []).map(readCertificates),
      ...(values.sni !== undefined && { serverName: readServerName(values.sni) }),
      ...(values.connect !== undefined && { route: readRoute(values.connect, target.endpoint.port) }),
    },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. To specify');
    throw new ArgumentProblem(sentence.replace(/\.?$/, '.'));
  }
}

const targetProblems: Readonly<Record<TargetProblem, string>> = {
  empty: 'name the server to probe, such as https://api.contoso.com.',
  spaces: 'a host or URL has no spaces.',
  scheme: 'only https:// addresses can be probed for TLS.',
  credentials: 'leave user name and password out of the address.',
  port: 'the port must be a number from 1 to 65535.',
  host: 'this is not a valid host name or address.',
  malformed: 'this is not a valid host, host:port or URL.',
};

function numberBetween(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new ArgumentProblem(`${name} ${text}: give a whole number from ${least} to ${most}.`);
}

function readServerName(text: string): string {
  const target = parseTarget(text);
  if (target.ok && isIP(target.endpoint.host) === 0 && !/[/:?#]/.test(text)) return target.endpoint.host;
  throw new ArgumentProblem(`--sni ${text}: a server name is a host name without port; an address is none.`);
}

function readRoute(text: string, port: number): NonNullable<ProbeOptions['route']> {
  const target = parseTarget(text);
  if (!target.ok || /[/?#]/.test(text)) {
    throw new ArgumentProblem(`--connect ${text}: give an address or address:port, IPv6 as [::1]:443.`);
  }
  const named = isIP(text) === 0 && /:\d+$/.test(text);
  const route = { address: target.endpoint.host, port: named ? target.endpoint.port : port };
  return () => route;
}

function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new ArgumentProblem(`--ca ${file}: the file cannot be read${code === '' ? '' : ` (${code})`}.`);
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new ArgumentProblem(`--ca ${file}: there is no certificate in PEM format in this file.`);
}

/** `{"versions":[...],"suites":[...]}`; either may be left out, not both. Throws `ArgumentProblem`. */
export function readPlan(text: string): Offer {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch {
    throw new ArgumentProblem('--plan: this is not valid JSON. Quote it for your shell.');
  }
  if (typeof plan !== 'object' || plan === null || Array.isArray(plan)) throw new ArgumentProblem(`--plan: ${shape}`);
  const { versions, suites, ...others } = plan as { readonly versions?: unknown; readonly suites?: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ArgumentProblem(`--plan: "${unknown}" is not known. ${shape}`);
  if (versions === undefined && suites === undefined) throw new ArgumentProblem(`--plan: ${shape}`);
  const named = versions === undefined ? undefined : listOf(versions, 'versions').map(readVersion);
  const codes = suites === undefined ? undefined : listOf(suites, 'suites').map(readSuite);
  const fitting = named ?? protocolVersions.filter((version) => version === 'tls13' || version === 'tls12');
  const offered = gatewaySuites.filter((suite) => suite.versions.some((version) => fitting.includes(version)));
  return {
    versions: named ?? fitting.filter((version) => codes?.some((code) => isOf13(code) === (version === 'tls13'))),
    suites: codes ?? offered.map(({ code }) => code),
  };
}

const shape = 'Give an object with "versions" or "suites", such as {"versions":["tls12"],"suites":["0xc02f"]}.';

function isOf13(code: number): boolean {
  return code >= 0x1301 && code <= 0x13ff;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentProblem(`--plan: "${name}" must be a list. ${shape}`);
}

function readVersion(value: unknown): ProtocolVersion {
  const version = protocolVersions.find((candidate) => candidate === value);
  if (version !== undefined) return version;
  throw new ArgumentProblem(`--plan: ${JSON.stringify(value)} is none of ${protocolVersions.join(', ')}.`);
}

function readSuite(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  const text = typeof value === 'string' ? value : '';
  if (/^0x[0-9a-f]{1,4}$/i.test(text)) return Number(text);
  const found = Object.entries(suiteNames).find(([, name]) => name === text.toUpperCase().replace('_ANON_', '_anon_'));
  if (found) return Number(found[0]);
  throw new ArgumentProblem(
    `--plan: ${JSON.stringify(value)} is neither a code point such as "0xc02f" nor an IANA name.`,
  );
}
