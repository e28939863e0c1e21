// The emulator for any REST client: Azure Resource Manager, Entra ID and Log Analytics as three HTTPS origins on loopback.

import { randomBytes, randomUUID } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Gate } from './account.ts';
import type { ArmRequest } from './answer.ts';
import { createAuthority, ecKey } from './certificate.ts';
import type { Authority } from './certificate.ts';
import { createEntra } from './entra.ts';
import type { Entra } from './entra.ts';
import { sampleEstate } from './estate.ts';
import { ConnectionDropped, faultAnswer } from './faults.ts';
import type { Faults } from './faults.ts';
import { createAzure } from './handler.ts';
import type { SampleAzure } from './handler.ts';
import { openHttpsListener } from './httpsListener.ts';
import type { HttpsListener, Serve } from './httpsListener.ts';
import { loopback } from './listener.ts';
import type { Estate } from './model.ts';
import { memoryStore } from './state.ts';
import type { SampleStore } from './state.ts';

export interface EmulatorOptions {
  /** Of Azure Resource Manager; where not stated or 0, one that is free. The other two are always chosen freely. */
  readonly port?: number;
  readonly estate?: Estate;
  /** How long a change takes, in milliseconds. */
  readonly changeMs?: number;
  /** Pause between polls that the service asks for, in seconds. */
  readonly retryAfterSeconds?: number;
  /** Milliseconds before each answer. */
  readonly latencyMs?: () => number;
  readonly faults?: Faults;
  /** The service's clock, in milliseconds since 1970. Tokens live by the machine's. */
  readonly now?: () => number;
  /** How long a token is taken; 3,600 where not stated. */
  readonly tokenSeconds?: number;
  /** Where the service keeps its state; in memory where not stated. */
  readonly store?: SampleStore;
  /** Called with every request to Azure Resource Manager before it is served. */
  readonly onRequest?: (request: ArmRequest) => void;
  /** Certificates that may stand for the client's secret. */
  readonly clientCertificates?: readonly X509Certificate[];
}

export interface HttpsEmulator {
  /** Origins, such as https://127.0.0.1:50123. */
  readonly arm: string;
  readonly authority: string;
  readonly logs: string;
  /** The certificate of the authority that has issued those of all three, as PEM. */
  readonly caPem: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Ids of the subscriptions of that tenant. */
  readonly subscriptions: readonly string[];
  readonly azure: SampleAzure;
  close(): Promise<void>;
}

/** The resource names of Azure Resource Manager that public clients ask for by default. */
const publicNamesOfArm = ['https://management.core.windows.net', 'https://management.azure.com'];
/** The resource names of Log Analytics. */
const publicNamesOfLogs = ['https://api.loganalytics.io'];
const day = 24 * 3_600_000;

/** Everything that is secret or certified is made anew each time. Rejects where the port is taken. */
export async function openHttpsEmulator(options: EmulatorOptions = {}): Promise<HttpsEmulator> {
  const { estate = sampleEstate } = options;
  const issuer = createAuthority(await ecKey(), Date.now());
  const { arm, authority, logs } = await openListeners(issuer, options.port ?? 0);
  const application = { clientId: randomUUID(), secret: randomBytes(24).toString('base64url') };
  const namesOfArm = [arm.origin, ...publicNamesOfArm];
  const entra = createEntra({
    tenants: estate.tenants,
    application: { ...application, certificates: options.clientCertificates ?? [] },
    authority: authority.origin,
    resources: [...namesOfArm, logs.origin, ...publicNamesOfLogs],
    tokenSeconds: options.tokenSeconds ?? 3600,
    now: Date.now,
  });
  const ending = new AbortController();
  const gates = { arm: entra.gateOf(namesOfArm), logs: entra.gateOf([logs.origin, ...publicNamesOfLogs]) };
  const azure = openAzure(options, estate, gates, logs.origin, ending.signal);
  const delayed = (serve: Serve): Serve => after(options.latencyMs, serve);
  arm.answerWith(
    delayed((request) => {
      options.onRequest?.(request);
      return azure.handle(request);
    }),
  );
  authority.answerWith(delayed(withFaults(entra, options.faults)));
  logs.answerWith(delayed(azure.handle));
  const tenantId = estate.tenants[0]?.id ?? '';
  return {
    arm: arm.origin,
    authority: authority.origin,
    logs: logs.origin,
    caPem: issuer.pem,
    tenantId,
    clientId: application.clientId,
    clientSecret: application.secret,
    subscriptions: estate.subscriptions.filter((one) => one.tenantId === tenantId).map(({ id }) => id),
    azure,
    close: async () => {
      ending.abort(new Error('The emulator was closed.'));
      await Promise.all([arm, authority, logs].map((listener) => listener.close()));
    },
  };
}

type Origin = 'arm' | 'authority' | 'logs';

async function openListeners(issuer: Authority, port: number): Promise<Readonly<Record<Origin, HttpsListener>>> {
  const now = Date.now();
  const leaf = issuer.issue({
    names: ['localhost', loopback],
    key: await ecKey(),
    notBefore: now - day,
    notAfter: now + 300 * day,
  });
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const open = (at: number): Promise<HttpsListener> =>
    openHttpsListener({ key, cert: leaf.pem + issuer.pem, port: at });
  // The one whose port is asked for comes first: where that is taken, nothing else is open yet.
  const arm = await open(port);
  const [authority, logs] = await Promise.all([open(0), open(0)]);
  return { arm, authority, logs };
}

function openAzure(
  options: EmulatorOptions,
  estate: Estate,
  gates: Readonly<Record<'arm' | 'logs', Gate>>,
  logsOrigin: string,
  signal: AbortSignal,
): SampleAzure {
  const { changeMs, retryAfterSeconds, faults, now, store = memoryStore() } = options;
  return createAzure({
    estate,
    store,
    gate: gates.arm,
    logs: { origin: logsOrigin, gate: gates.logs },
    signal,
    ...(changeMs === undefined ? {} : { changeMs }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(faults === undefined ? {} : { faults }),
    ...(now === undefined ? {} : { now }),
  });
}

function after(latencyMs: (() => number) | undefined, serve: Serve): Serve {
  if (latencyMs === undefined) return serve;
  return async (request) => {
    await wait(latencyMs(), undefined, request.signal ? { signal: request.signal } : {});
    return serve(request);
  };
}

/** Entra ID meets the faults that need no service: lost connections and answers of other machines. */
function withFaults(entra: Entra, faults: Faults | undefined): Serve {
  return async (request) => {
    const fault = faults?.take({ method: request.method, path: new URL(request.url).pathname });
    if (fault?.kind === 'drop') throw new ConnectionDropped('The connection was closed by the peer.');
    return Promise.resolve((fault && faultAnswer(fault)) ?? entra.handle(request));
  };
}
