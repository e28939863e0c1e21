// Everything that can go wrong between a plan and its end, case by case: docs/faults.md has a row for each.

import { ArmError } from '../../src/core/failure.ts';
import type { Fault } from '../../src/emulator/faults.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { followed, inputFor, planFor, trust as name } from './changing.ts';
import { changeMs, endingToken, idOf, takeNotes } from './scene.ts';
import type { Scene } from './scene.ts';
import { matches } from './walk.ts';
import type { Step, Trouble } from './walk.ts';

export interface FaultCase extends Trouble {
  readonly id: string;
  /** As `Walked` says it. */
  readonly apply: string;
  readonly follow?: string;
}

const always = Infinity;
const minute = 60_000;

/** A fault that is there from the moment of its step on, or so many times. */
function met(at: Step, fault: Fault | ((scene: Scene) => Fault), times = always): Trouble {
  const add = (scene: Scene) =>
    scene.faults.add({ match: matches[at], times, fault: typeof fault === 'function' ? fault(scene) : fault });
  return at === 'readBack' ? { beforeFollow: add } : { beforeApply: add };
}

const atRead = (fault: Fault | ((scene: Scene) => Fault), times?: number) => met('read', fault, times);
const atPatch = (fault: Fault, times?: number) => met('patch', fault, times);
const atPoll = (fault: Fault, times?: number) => met('poll', fault, times);
const noWay = (why: Extract<Fault, { kind: 'noConnection' }>['why']) => atRead({ kind: 'noConnection', why });
const ahead = (scene: Scene, ms: number) => new Date(scene.now().getTime() - ms).toUTCString();

/** What somebody else does: another change of the same instance, from its plan on. */
async function changeElsewhere(scene: Scene, toItsEnd: boolean): Promise<void> {
  const notes = takeNotes();
  const plan = planFor(await scene.azure.readInstance(idOf(name)), { 'client.http2': 'on' });
  const outcome = await applySettings(inputFor(scene, notes, plan));
  if (toItsEnd) await followed(scene, notes, outcome);
}

interface Body {
  readonly properties?: Readonly<Record<string, unknown>>;
}
/** Answers of the instance itself, changed. */
const told = (change: (body: Body) => unknown): Pick<Trouble, 'window'> => ({
  window: () => ({
    rewrite: (body, path) => (path.endsWith(`/service/${name}`) ? change(body as Body) : body),
  }),
});

const signsOut = (afterMs: number): Pick<Trouble, 'window' | 'scene'> => ({
  scene: { changeMs: 45 * minute, retryAfterSeconds: 60 },
  window: (scene) => {
    const end = scene.now().getTime() + afterMs;
    return {
      token: (tenantId) =>
        scene.now().getTime() < end
          ? Promise.resolve(endingToken(tenantId, end))
          : Promise.reject(new ArmError({ code: 'signedOut' })),
    };
  },
});

/** A credential as all are: a token is given again until five minutes before its end. */
const renews = (lastsMs: number): Pick<Trouble, 'window' | 'scene'> => ({
  scene: { changeMs: 45 * minute, retryAfterSeconds: 60 },
  window: (scene) => {
    const ends = new Map<string, number>();
    return {
      token: (tenantId) => {
        const now = scene.now().getTime();
        const held = ends.get(tenantId) ?? 0;
        if (held - now < 5 * minute) ends.set(tenantId, now + lastsMs);
        return Promise.resolve(endingToken(tenantId, ends.get(tenantId) ?? 0));
      },
    };
  },
});

const development = sampleEstate.subscriptions[1]?.id ?? '';

export const cases: readonly FaultCase[] = [
  // The way to Azure.
  { id: 'offline', ...noWay('offline'), apply: 'rejects offline' },
  { id: 'dns', ...noWay('dns'), apply: 'rejects dns' },
  { id: 'connection-refused', ...noWay('refused'), apply: 'rejects network' },
  {
    id: 'no-answer',
    scene: { timeoutMs: 40 },
    window: () => ({ timeoutMs: 40 }),
    ...atRead({ kind: 'hang' }),
    apply: 'rejects timeout',
  },
  { id: 'captive-portal', ...atRead({ kind: 'html' }), apply: 'rejects portal' },
  { id: 'captive-portal-redirect', ...atRead({ kind: 'redirect' }), apply: 'rejects portal' },
  { id: 'network-sign-in', ...atRead({ kind: 'networkLogin' }), apply: 'rejects portal' },
  { id: 'proxy-sign-in', ...atRead({ kind: 'proxySignIn' }), apply: 'rejects proxy' },
  { id: 'proxy-refusal', ...atRead({ kind: 'proxyRefusal' }), apply: 'rejects proxy' },
  { id: 'proxy-bad-gateway', ...atRead({ kind: 'badGateway' }), apply: 'rejects unavailable' },
  { id: 'tls-intercepted', ...noWay('untrusted'), apply: 'rejects certificateRefused' },
  { id: 'old-tls-proxy', ...noWay('oldTls'), apply: 'rejects oldTls' },
  {
    id: 'network-lost-while-following',
    ...atPoll({ kind: 'noConnection', why: 'dns' }, 20),
    apply: 'running',
    follow: 'done',
  },
  { id: 'proxy-while-following', ...atPoll({ kind: 'proxySignIn' }), apply: 'running', follow: 'stopped proxy' },
  // The clock.
  {
    id: 'clock-ahead',
    ...atRead((scene) => ({ kind: 'tokenRefused', date: ahead(scene, 20 * minute) })),
    apply: 'rejects clock',
  },
  {
    id: 'clock-behind',
    ...atRead((scene) => ({ kind: 'tokenRefused', date: ahead(scene, -90 * minute) })),
    apply: 'rejects clock',
  },
  { id: 'clock-and-certificate', ...noWay('notYetValid'), apply: 'rejects clock' },
  // Signing in.
  {
    id: 'signed-out',
    window: () => ({ token: () => Promise.reject(new ArmError({ code: 'signedOut' })) }),
    apply: 'rejects signedOut',
  },
  { id: 'sign-in-refused', ...atRead({ kind: 'tokenRefused' }), apply: 'rejects unauthorized' },
  { id: 'claims-asked-once', ...atRead({ kind: 'claimsChallenge' }, 1), apply: 'running', follow: 'done' },
  { id: 'claims-not-met', ...atRead({ kind: 'claimsChallenge' }), apply: 'rejects interactionNeeded' },
  { id: 'token-expires-while-following', ...renews(10 * minute), apply: 'running', follow: 'done' },
  { id: 'sign-in-ends-while-following', ...signsOut(10 * minute), apply: 'running', follow: 'stopped signedOut' },
  {
    id: 'claims-asked-while-following',
    ...atPoll({ kind: 'claimsChallenge' }),
    apply: 'running',
    follow: 'stopped interactionNeeded',
  },
  // What Azure forbids.
  { id: 'role-missing', ...atRead({ kind: 'forbidden' }), apply: 'rejects forbidden' },
  {
    id: 'role-revoked',
    ...atPatch({ kind: 'forbidden', action: 'Microsoft.ApiManagement/service/write' }),
    apply: 'refused service forbidden',
  },
  {
    id: 'role-revoked-while-following',
    ...atPoll({ kind: 'forbidden', action: 'Microsoft.ApiManagement/service/operationresults/read' }),
    apply: 'running',
    follow: 'stopped forbidden',
  },
  { id: 'linked-authorization', ...atPatch({ kind: 'linkedForbidden' }), apply: 'refused service forbidden' },
  { id: 'policy-denial', ...atPatch({ kind: 'policyDenied' }), apply: 'refused service policyDenied' },
  { id: 'policy-denial-bare', ...atPatch({ kind: 'policyDenied', bare: true }), apply: 'refused service policyDenied' },
  { id: 'management-lock', ...atPatch({ kind: 'scopeLocked' }), apply: 'refused service managementLock' },
  { id: 'api-version', ...atRead({ kind: 'apiVersion' }), apply: 'rejects apiVersion' },
  { id: 'throttled', ...atRead({ kind: 'throttled', retryAfterSeconds: 120 }), apply: 'rejects throttled' },
  { id: 'server-error', ...atRead({ kind: 'serverError' }), apply: 'rejects unavailable' },
  // Others at the same instance.
  { id: 'busy', beforeApply: (scene) => changeElsewhere(scene, false), apply: 'refused busy' },
  { id: 'changed-elsewhere', beforeApply: (scene) => changeElsewhere(scene, true), apply: 'refused changed' },
  { id: 'race', window: racing, apply: 'refused service locked' },
  { id: 'service-locked', ...atPatch({ kind: 'serviceLocked' }), apply: 'refused service locked' },
  // Where it is.
  { id: 'deleted-before-save', beforeApply: (scene) => scene.remove(name), apply: 'rejects notFound' },
  { id: 'deleted-at-save', ...atPatch({ kind: 'notFound' }), apply: 'refused service notFound' },
  { id: 'deleted-while-following', beforeFollow: (scene) => scene.remove(name), apply: 'running', follow: 'unknown' },
  { id: 'renamed', beforeApply: (scene) => scene.move(name, { name: 'contoso-trust-2' }), apply: 'rejects notFound' },
  {
    id: 'moved-before-save',
    beforeApply: (scene) => scene.move(name, { resourceGroup: 'rg-new' }),
    apply: 'rejects moved',
  },
  {
    id: 'moved-to-other-subscription',
    beforeApply: (scene) => scene.move(name, { subscriptionId: development }),
    apply: 'rejects moved',
  },
  { id: 'moved-at-save', window: movedAtSave, apply: 'refused service moved' },
  { id: 'moved-while-following', beforeFollow: endsAndMoves, apply: 'running', follow: 'done' },
  // The operation.
  { id: 'answer-lost', ...atPatch({ kind: 'drop', late: true }, 1), apply: 'running, doubt network', follow: 'done' },
  { id: 'request-lost', ...atPatch({ kind: 'drop' }, 1), apply: 'refused notWritten network' },
  {
    id: 'operation-fails',
    ...atPatch({ kind: 'operationFails', as: 'status' }, 1),
    apply: 'running',
    follow: 'failed',
  },
  { id: 'without-effect', ...atPatch({ kind: 'operationWithoutEffect' }, 1), apply: 'running', follow: 'different' },
  { id: 'key-lost', ...atPatch({ kind: 'readBackLosesKey' }, 1), apply: 'running', follow: 'different' },
  { id: 'never-ends', ...atPatch({ kind: 'operationNeverEnds' }, 1), apply: 'running', follow: 'unknown' },
  { id: 'location-expired', ...atPoll({ kind: 'gone' }), apply: 'running', follow: 'done' },
  { id: 'location-not-found', ...atPoll({ kind: 'notFound' }), apply: 'running', follow: 'done' },
  // What Azure says that we do not know.
  {
    id: 'unknown-state',
    ...told((body) => ({ ...body, properties: { ...body.properties, provisioningState: 'Migrating' } })),
    apply: 'refused busy',
  },
  { id: 'unknown-values', ...told(withUnknown), plansThere: true, apply: 'running', follow: 'done' },
  {
    id: 'missing-fields',
    ...told(({ properties: _, ...body }) => ({ ...body, properties: {} })),
    plansThere: true,
    apply: 'refused blocked',
  },
  { id: 'not-json', ...atRead({ kind: 'malformed' }), apply: 'rejects malformed' },
  { id: 'not-an-instance', ...told(() => ({ value: [] })), apply: 'rejects malformed' },
];

/** Another change is accepted between our last look and our request. */
function racing(scene: Scene) {
  let first = true;
  return {
    onRequest: async (method: string) => {
      if (method !== 'PATCH' || !first) return;
      first = false;
      await changeElsewhere(scene, false);
    },
  };
}

function movedAtSave(scene: Scene) {
  return { onRequest: (method: string) => method === 'PATCH' && scene.move(name, { resourceGroup: 'rg-new' }) };
}

async function endsAndMoves(scene: Scene): Promise<void> {
  await scene.pause(changeMs);
  scene.move(name, { resourceGroup: 'rg-new' });
}

/** A tier, a platform, a host type and members that nobody has heard of, and a map with texts of other kinds. */
function withUnknown(body: Body): unknown {
  const { customProperties, ...properties } = body.properties ?? {};
  const map = customProperties as Readonly<Record<string, string>>;
  return {
    ...body,
    sku: { name: 'UltraV7', capacity: 'many' },
    novelty: { deep: [1, { x: null }] },
    properties: {
      ...properties,
      platformVersion: 'stv9',
      novelty: true,
      hostnameConfigurations: [{ type: 'Novel', hostName: 'x.example', certificate: 'none' }, null, 7],
      customProperties: Object.fromEntries(
        Object.entries(map).map(([key, text]) => [key, /^(true|false)$/i.test(text) ? /true/i.test(text) : text]),
      ),
    },
  };
}
