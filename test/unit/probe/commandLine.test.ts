// The prober in a terminal: what it reads, what it prints, how it ends.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ArgumentProblem, readArguments, readPlan } from '../../../src/probe/commandArguments.ts';
import type { CommandJson } from '../../../src/probe/commandJson.ts';
import { runCommand } from '../../../src/probe/commandLine.ts';
import { opensslServer, Pki, type Running } from './servers.ts';

function problem(...args: readonly string[]): string {
  try {
    readArguments(args);
  } catch (error) {
    assert.ok(error instanceof ArgumentProblem);
    return error.message;
  }
  return assert.fail(`${args.join(' ')} was taken`);
}

function request(...args: readonly string[]) {
  const read = readArguments(args);
  assert.ok(read !== 'help');
  return read;
}

describe('arguments of the command line', () => {
  it('name the server, its path and how it is asked', () => {
    const { endpoint, path: requested, options, json, planned } = request('https://api.example:8443/a/b?c=d', '--json');
    assert.deepEqual(
      [endpoint, requested, json, planned],
      [{ host: 'api.example', port: 8443 }, '/a/b?c=d', true, null],
    );
    assert.deepEqual([options.depth, options.maxConnections, options.endpointTimeoutMs], ['full', 8, 60_000]);
    const short = request(
      'https://[::1]',
      '--versions-only',
      '--sni',
      'Bücher.example',
      '--connections',
      '64',
      '--timeout',
      '5',
    );
    assert.deepEqual(short.endpoint, { host: '::1', port: 443 });
    assert.deepEqual([short.options.depth, short.options.serverName], ['versions', 'xn--bcher-kva.example']);
    assert.deepEqual([short.options.maxConnections, short.options.endpointTimeoutMs], [64, 5000]);
    assert.equal(request('https://api.example', '--suites-only').options.depth, 'suites');
    assert.equal(readArguments(['--help']), 'help');
  });

  it('lead to another address, on the port of the URL unless it names one', () => {
    const to = (text: string) => {
      const { options, endpoint } = request('https://api.example:8443', '--connect', text);
      return options.route?.(endpoint);
    };
    assert.deepEqual(to('127.0.0.1'), { address: '127.0.0.1', port: 8443 });
    assert.deepEqual(to('127.0.0.1:99'), { address: '127.0.0.1', port: 99 });
    assert.deepEqual(to('[::1]:99'), { address: '::1', port: 99 });
    assert.deepEqual(to('::1'), { address: '::1', port: 8443 });
    assert.deepEqual(to('other.example'), { address: 'other.example', port: 8443 });
  });

  it('are refused in a sentence that says what is wrong', () => {
    assert.match(problem(), /^Name the server to probe/);
    assert.match(problem('a', 'b'), /"b" is one too many/);
    assert.match(problem('http://a'), /has no TLS/);
    assert.match(problem('https://u:p@a'), /user name and password/);
    assert.match(problem('https://a:0'), /port must be a number from 1 to 65535/);
    assert.match(problem('https://a', '--bogus'), /^Unknown option '--bogus'\.$/);
    assert.match(problem('https://a', '--sni'), /--sni.*argument missing\.$/);
    assert.match(problem('https://a', '--sni', '192.0.2.1'), /an address is none\.$/);
    assert.match(problem('https://a', '--connect', 'a/b'), /IPv6 as \[::1\]:443/);
    assert.match(problem('https://a', '--connections', '0'), /whole number from 1 to 256/);
    assert.match(problem('https://a', '--timeout', '1e3'), /whole number from 1 to 3600/);
    assert.match(problem('https://a', '--ca', '/nowhere.pem'), /cannot be read \(ENOENT\)/);
    assert.match(problem('https://a', '--ca', import.meta.filename), /no certificate in PEM format/);
  });

  it('take a plan by code points, names and versions', () => {
    const suites = ['0xC02F', 'TLS_AES_128_GCM_SHA256', 0x002f];
    assert.deepEqual(readPlan(JSON.stringify({ versions: ['tls12', 'tls13'], suites })), {
      versions: ['tls12', 'tls13'],
      suites: [0xc02f, 0x1301, 0x002f],
    });
    assert.deepEqual(readPlan('{"suites":["0xc02f"]}').versions, ['tls12']);
    assert.deepEqual(readPlan('{"suites":["0x1301","0xc02f"]}').versions, ['tls12', 'tls13']);
    assert.deepEqual(readPlan('{"versions":["tls13"]}').suites, [0x1302, 0x1301]);
    const wrong = (text: string) => problem('https://a', '--plan', text);
    assert.match(wrong('{'), /not valid JSON/);
    assert.match(wrong('[]'), /Give an object/);
    assert.match(wrong('{}'), /Give an object/);
    assert.match(wrong('{"version":["tls12"]}'), /"version" is not known/);
    assert.match(wrong('{"versions":"tls12"}'), /"versions" must be a list/);
    assert.match(wrong('{"versions":["tls14"]}'), /"tls14" is none of ssl3, tls10/);
    assert.match(wrong('{"suites":["AES"]}'), /"AES" is neither/);
    assert.match(wrong('{"suites":[70000]}'), /70000 is neither/);
  });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

describe('the command line', function () {
  this.timeout(120_000);
  let pki: Pki;
  let server: Running;
  before(async () => {
    pki = new Pki();
    pki.leaf('rsa', 'DNS:api.example', 'root');
    server = await opensslServer([...pki.args('rsa'), '-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA']);
  });
  after(async () => {
    await server.stop();
    pki.remove();
  });

  const run = async (...args: readonly string[]): Promise<Ended> => {
    let out = '';
    let error = '';
    const terminal = {
      out: (text: string) => (out += text),
      error: (text: string) => (error += text),
      environment: {},
    };
    return { code: await runCommand(args, terminal), out, error };
  };
  const connect = (): string[] => ['--connect', `127.0.0.1:${server.endpoint.port}`];

  it('prints one JSON object of the promised shape', async () => {
    const plan = ['--plan', '{"versions":["tls12"],"suites":["0xc02f"]}'];
    const ca = ['--ca', pki.file('root.crt')];
    const { code, out, error } = await run('https://api.example/x', '--json', ...connect(), ...plan, ...ca);
    assert.deepEqual([code, error], [0, '']);
    const json = JSON.parse(out) as CommandJson;
    assert.deepEqual(Object.keys(json), [
      ...['endpoint', 'protocols', 'cipherSuites', 'preference', 'certificate', 'clientCertificate', 'behaviour'],
      ...['plan', 'unknowns', 'connections', 'elapsedMs'],
    ]);
    assert.deepEqual(json.endpoint, { host: 'api.example', port: 443, serverName: 'api.example', path: '/x' });
    assert.deepEqual(json.protocols, { ssl3: 'no', tls10: 'no', tls11: 'no', tls12: 'yes', tls13: 'no' });
    assert.deepEqual(json.cipherSuites, {
      tls12: [
        { code: '0xc02f', name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
        { code: '0x002f', name: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
      ],
    });
    assert.deepEqual(json.preference, { tls12: 'client' });
    assert.deepEqual(Object.keys(json.certificate?.chain[0] ?? {}), [
      ...['subject', 'issuer', 'notBefore', 'notAfter', 'keyType', 'keyBits', 'signatureAlgorithm', 'sha256'],
    ]);
    assert.deepEqual(json.certificate?.findings, []);
    assert.deepEqual(json.clientCertificate, {
      inHandshake: 'none-seen',
      renegotiation: 'not-seen',
      postHandshake: 'not-seen',
      acceptableIssuers: [],
    });
    assert.deepEqual(json.plan, {
      connects: 'yes',
      version: 'tls12',
      suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    });
    assert.equal(json.behaviour, 'tls');
  });

  it('looks no further than the versions where that is enough', async () => {
    const { code, out } = await run(
      'https://api.example',
      '--json',
      '--versions-only',
      '--sni',
      'other.example',
      ...connect(),
    );
    const json = JSON.parse(out) as CommandJson;
    assert.deepEqual([code, json.protocols.tls12, json.cipherSuites, json.preference], [0, 'yes', {}, {}]);
    assert.equal(json.endpoint.serverName, 'other.example');
    assert.ok(json.certificate?.findings.includes('name-mismatch'));
    assert.ok(json.connections < 12, `${json.connections} connections`);
  });

  it('looks for all suites and nothing beyond them where that is enough', async () => {
    const { code, out } = await run('https://api.example', '--json', '--suites-only', ...connect());
    const json = JSON.parse(out) as CommandJson;
    assert.equal(code, 0);
    assert.ok(json.cipherSuites.tls12?.some(({ code: suite }) => suite === '0xc02f'));
    assert.equal(json.preference.tls12, 'client');
    assert.ok(json.certificate);
  });

  it('makes a survey of what cannot be reached, too', async () => {
    const { code, out } = await run('https://nowhere.invalid', '--json');
    const json = JSON.parse(out) as CommandJson;
    assert.deepEqual([code, json.behaviour, json.certificate, json.plan], [0, 'unresolvable', null, null]);
  });

  it('prints a text for people, and the usage with every mistake', async () => {
    const { code, out } = await run('https://api.example', ...connect());
    assert.equal(code, 0);
    assert.match(out, /TLS 1\.2/);
    assert.match(out, /TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256/);
    const wrong = await run('https://api.example', '--wrong');
    assert.deepEqual([wrong.code, wrong.out], [2, '']);
    assert.match(wrong.error, /^Unknown option '--wrong'\.\n\nUsage: /);
    const help = await run('--help');
    assert.deepEqual([help.code, help.error], [0, '']);
  });

  it('ends at once when it is cancelled', async () => {
    const cancel = new AbortController();
    const silent = { out: () => undefined, error: () => undefined, environment: {}, signal: cancel.signal };
    const running = runCommand(['https://api.example', ...connect()], silent);
    cancel.abort();
    assert.equal(await running, 130);
  });

  it('runs as a script, with nothing but the result on standard output', async () => {
    const script = path.resolve(import.meta.dirname, '../../../scripts/probe.mjs');
    const start = (...args: readonly string[]): Promise<Ended> =>
      new Promise((resolve) => {
        execFile(process.execPath, [script, ...args], (failure, out, error) => {
          resolve({ code: failure ? Number(failure.code) : 0, out, error });
        });
      });
    const bundle = pki.file('both.pem');
    writeFileSync(bundle, `${pki.pem('root')}\n${pki.pem('rsa')}`);
    const good = await start('https://api.example', '--json', '--ca', bundle, ...connect());
    assert.deepEqual([good.code, good.error], [0, '']);
    assert.equal((JSON.parse(good.out) as CommandJson).protocols.tls12, 'yes');
    const bad = await start('--sni');
    assert.deepEqual([bad.code, bad.out], [2, '']);
  });
});
