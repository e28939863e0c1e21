// `npm run --silent emulator`: an Azure in memory over HTTPS on loopback, for any REST client. Prints one line of JSON:
// origins of Azure Resource Manager, Entra ID and Log Analytics, `ca` (a PEM file, for NODE_EXTRA_CA_CERTS or curl's
// --cacert), a service principal and its tenant, and ids of that tenant's subscriptions. Serves until it is ended.
//   -- --port N         port of Azure Resource Manager    --estate sample|large  which instances there are
//   --latency MS        time before each answer           --change SECONDS       how long a change takes
//   --faults SEED       trouble at random, one request in ten
//   --token SECONDS     how long a token is taken          --certificate FILE     may stand for the secret (PEM, RSA key)
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, Failure, fail } from './processes.mjs';
import { underNode24 } from './setup.mjs';

// Standard output is for the one line; what setting up has to say goes to standard error.
console.log = console.error;

const usage =
  'Usage: npm run emulator -- [--port N] [--estate sample|large] [--latency MS] [--change SECONDS] [--faults SEED] ' +
  '[--token SECONDS] [--certificate FILE]';

function readOptions() {
  const text = (fallback) => ({ type: 'string', ...(fallback === undefined ? {} : { default: fallback }) });
  const options = {
    port: text('0'),
    estate: text('sample'),
    latency: text('0'),
    change: text('20'),
    token: text('3600'),
    faults: text(),
    certificate: text(),
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`);
  }
  if (!['sample', 'large'].includes(values.estate)) {
    throw new Failure(`--estate ${values.estate} is none of the estates. Give sample or large.\n${usage}`);
  }
  return {
    port: number(values, 'port', 65535),
    large: values.estate === 'large',
    latencyMs: number(values, 'latency', 60_000),
    changeSeconds: number(values, 'change', 86_400),
    tokenSeconds: number(values, 'token', 86_400),
    seed: values.faults === undefined ? undefined : number(values, 'faults', 2 ** 32 - 1),
    certificates: values.certificate === undefined ? [] : [readCertificate(values.certificate)],
  };
}

function number(values, name, most) {
  const value = Number(values[name]);
  if (/^\d+$/.test(values[name]) && value <= most) return value;
  throw new Failure(`--${name} ${values[name]} is not a whole number from 0 to ${most}.\n${usage}`);
}

function readCertificate(file) {
  try {
    return new X509Certificate(readFileSync(file));
  } catch (error) {
    throw new Failure(`--certificate ${file} cannot be read as a PEM certificate: ${error.message}`);
  }
}

async function open({ port, large, latencyMs, changeSeconds, tokenSeconds, seed, certificates }) {
  const { largeEstate } = await import('../src/emulator/largeEstate.ts');
  const { openHttpsEmulator } = await import('../src/emulator/httpsServer.ts');
  const { randomFaults } = await import('../src/emulator/randomFaults.ts');
  try {
    return await openHttpsEmulator({
      port,
      tokenSeconds,
      changeMs: changeSeconds * 1000,
      clientCertificates: certificates,
      ...(large ? { estate: largeEstate() } : {}),
      ...(latencyMs > 0 ? { latencyMs: () => latencyMs } : {}),
      ...(seed === undefined ? {} : { faults: randomFaults(seed, 0.1) }),
    });
  } catch (error) {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    throw new Failure(
      `Port ${port} cannot be had (${error.code}). Choose another, or leave --port out for a free one.`,
    );
  }
}

async function main() {
  const options = readOptions();
  let emulator;
  let folder;
  const cleanUp = () => folder && rmSync(folder, { recursive: true, force: true });
  process.once('exit', cleanUp);
  endOnSignals(
    async () => emulator?.close(),
    () => 0,
  );
  await underNode24();
  emulator = await open(options);
  folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-emulator-'));
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, emulator.caPem);
  const { arm, authority, logs, tenantId, clientId, clientSecret, subscriptions } = emulator;
  process.stdout.write(
    `${JSON.stringify({ arm, authority, logs, ca, tenantId, clientId, clientSecret, subscriptions })}\n`,
  );
}

await main().catch(fail);
