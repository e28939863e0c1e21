// Every policy of an instance in few requests: which scopes have one, then their texts, fragments and named values.

import { ArmError } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import type {
  NamedValue,
  PolicyFragment,
  PolicyList,
  PolicyProduct,
  PolicyReading,
  PolicyScope,
  ScopedPolicy,
  UnreadPolicy,
} from '../core/policyFacts.ts';
import type { PolicyOptions } from './access.ts';
import { readApis } from './backends.ts';
import { openBatch, readLists } from './batch.ts';
import { allRows } from './clients.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { asRecord, asText } from './json.ts';
import { parsePolicy } from './policies.ts';
import { inOrder, pathOfScope, scopesIn } from './policyScopes.ts';
import { keptMs, readTexts } from './policyTexts.ts';
import type { TextOutcome, TextReading, Texts } from './policyTexts.ts';
import { parseServiceId } from './resourceIds.ts';

export type ReadPolicies = (instanceId: string, options?: PolicyOptions) => Promise<PolicyReading>;

/** Most requests of one reading, without pages of lists. What is left is read by the next one. */
const mostRequests = 23;
/** Texts that are kept of all instances together, taken apart: about 2 kB each. */
const mostKept = 20_000;

/** What is kept of an instance. */
interface Kept {
  readonly texts: Texts;
  last: PolicyReading | null;
  /** Readings that came to their end. */
  count: number;
  turn: Promise<void>;
}

interface Reading extends TextReading {
  readonly connection: Connection;
  readonly instanceId: string;
  readonly options: PolicyOptions;
  readonly missing: { readonly list: PolicyList; readonly why: FailureDetails }[];
}

/**
 * @param now milliseconds since 1970
 * @param pause waits; rejects where the signal is aborted
 */
export function policyReader(
  connection: Connection,
  now: () => number,
  pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>,
): ReadPolicies {
  const kept = new Map<string, Kept>();
  return async (instanceId, options = {}) => {
    const key = instanceId.toLowerCase();
    // The one that was used last stands last.
    const own: Kept = kept.get(key) ?? { texts: new Map(), last: null, count: 0, turn: Promise.resolve() };
    kept.delete(key);
    kept.set(key, own);
    forgetOldest(kept, own);
    // One after the other: who comes second finds what the first has read.
    const { turn: before, count } = own;
    const turn = Promise.withResolvers<void>();
    own.turn = before.then(() => turn.promise);
    try {
      await turnOrAbort(before, options.signal);
      if (options.fresh !== true && own.last !== null) {
        // Two who ask at the same time are not twice as many requests, whatever was left.
        const isNew = own.count > count && isFor(own.last, options);
        if (isNew || isWhole(own.last, options, now())) return own.last;
      }
      const { signal, fresh = false } = options;
      const { subscriptionId } = parseServiceId(instanceId);
      const { client } = await connection.management(subscriptionId, signal);
      const { apiVersion } = client;
      const batch = openBatch({ connection, subscriptionId, apiVersion, mostRequests, pause, signal });
      own.last = await readAll({ connection, instanceId, options, batch, texts: own.texts, now, fresh, missing: [] });
      own.count += 1;
      return own.last;
    } finally {
      turn.resolve();
    }
  };
}

/** A batch of changes reads one instance after the other: what was used longest ago is let go. */
function forgetOldest(kept: Map<string, Kept>, own: Kept): void {
  let texts = [...kept.values()].reduce((sum, one) => sum + one.texts.size, 0);
  for (const [key, one] of kept) {
    if (texts <= mostKept) return;
    if (one === own) continue;
    texts -= one.texts.size;
    kept.delete(key);
  }
}

/** Rejects with "cancelled" as soon as the signal is aborted. */
async function turnOrAbort(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return turn;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new ArmError({ code: 'cancelled' }));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** No operations are named that the last caller may not have named. */
function isFor({ missing }: PolicyReading, { operations = [] }: PolicyOptions): boolean {
  return operations.length === 0 || missing.every(({ list }) => list !== 'policies');
}

/** Read lately, and nothing was left for another reading. */
function isWhole(reading: PolicyReading, options: PolicyOptions, now: number): boolean {
  const { readAt, unread } = reading;
  return isFor(reading, options) && now - Date.parse(readAt) < keptMs && unread.every(({ why }) => why !== null);
}

async function readAll(reading: Reading): Promise<PolicyReading> {
  const [listed, fragmentRows, valueRows, productRows] = await Promise.all([
    listOf(reading, 'policies'),
    listOf(reading, 'fragments'),
    listOf(reading, 'namedValues'),
    listOf(reading, 'products'),
  ]);
  const { scopes, leftOut } = scopesIn(reading.instanceId, listed ?? []);
  const wanted = listed === null ? await guessed(reading, productRows) : scopes;
  const policies: ScopedPolicy[] = [];
  const unread: UnreadPolicy[] = [];
  const { weightOf = () => 0 } = reading.options;
  for (const { scope, ...outcome } of await readScopes(reading, inOrder(wanted, weightOf))) {
    if ('why' in outcome) unread.push({ scope, why: outcome.why });
    else if (outcome.facts !== undefined) policies.push({ scope, facts: outcome.facts });
  }
  const fragments = await readFragments(reading, fragmentRows ?? []);
  const products = await readProducts(reading, policies, productRows ?? []);
  return {
    policies,
    fragments,
    namedValues: (valueRows ?? []).flatMap(toNamedValue),
    products,
    unread,
    missing: reading.missing,
    leftOut,
    requests: reading.batch.sent(),
    readAt: new Date(reading.now()).toISOString(),
  };
}

/** Null where Azure does not give the list; that is told among what is missing. */
async function listOf(reading: Reading, list: PolicyList): Promise<readonly unknown[] | null> {
  const { connection, instanceId, options } = reading;
  const { resourceGroup, service, subscriptionId } = parseServiceId(instanceId);
  const { client } = await connection.management(subscriptionId, options.signal);
  try {
    return await allRows(options.signal, (call) => {
      const lists = {
        policies: client.allPolicies,
        fragments: client.policyFragment,
        namedValues: client.namedValue,
        products: client.product,
      };
      return lists[list].listByService(resourceGroup, service, call);
    });
  } catch (error) {
    const failure = toArmError(error, options.signal);
    if (!refusals.includes(failure.details.code)) throw failure;
    reading.missing.push({ list, why: failure.details });
    return null;
  }
}

const refusals: readonly FailureCode[] = [
  'forbidden',
  'notFound',
  'refused',
  'apiVersion',
  'malformed',
  'unavailable',
  'throttled',
  'timeout',
  'unknown',
];

/** Scopes that may have a policy, where Azure does not say which have: of operations those that the caller named. */
async function guessed(reading: Reading, products: readonly unknown[] | null): Promise<PolicyScope[]> {
  const { connection, instanceId, options } = reading;
  const apis = await readApis(connection, instanceId, options.signal);
  return [
    { kind: 'global' },
    ...(products ?? []).map((row): PolicyScope => ({ kind: 'product', product: nameOf(row) })),
    ...apis.map(({ name }): PolicyScope => ({ kind: 'api', api: name })),
    ...(options.operations ?? []).map((one): PolicyScope => ({ kind: 'operation', ...one })),
  ];
}

/** Every scope with what its policy is; `facts` is undefined where it has none. */
async function readScopes(
  reading: Reading,
  scopes: readonly PolicyScope[],
): Promise<readonly ({ readonly scope: PolicyScope } & TextOutcome)[]> {
  const { options, instanceId } = reading;
  const paths = scopes.map((scope) => encodeURI(`${pathOfScope(instanceId, scope)}?format=xml`));
  let done = 0;
  const step = () => options.onProgress?.({ done: (done += 1), total: scopes.length });
  const outcomes = await readTexts(reading, paths, step);
  return scopes.map((scope, index) => ({ scope, ...(outcomes[index] ?? { why: null }) }));
}

/** The list has the texts; which format it gives is not stated, so those that are no XML are asked for in that format. */
async function readFragments(reading: Reading, rows: readonly unknown[]): Promise<PolicyFragment[]> {
  const listed = rows.map((row) => {
    const xml = asRecord(asRecord(row)['properties'])['value'];
    return { name: nameOf(row), facts: typeof xml === 'string' ? parsePolicy(xml) : null };
  });
  const again = listed.filter(({ facts }) => facts === null).map(({ name }) => name);
  const paths = again.map((name) => encodeURI(`${reading.instanceId}/policyFragments/${name}?format=xml`));
  const outcomes = await readTexts(reading, paths, () => undefined);
  const second = new Map(again.map((name, index) => [name, outcomes[index]]));
  return listed.map(({ name, facts }) => {
    const outcome = second.get(name);
    return { name, facts: facts ?? (outcome !== undefined && 'facts' in outcome ? (outcome.facts ?? null) : null) };
  });
}

/** APIs of the products that have a policy: of the others nothing depends on which they are. */
async function readProducts(
  { batch, instanceId }: Reading,
  policies: readonly ScopedPolicy[],
  rows: readonly unknown[],
): Promise<PolicyProduct[]> {
  const names = policies.flatMap(({ scope }) => (scope.kind === 'product' ? [scope.product] : []));
  const titles = new Map(rows.map((row) => [nameOf(row).toLowerCase(), titleOf(row)]));
  const lists = await readLists(
    batch,
    names.map((name) => encodeURI(`${instanceId}/products/${name}/apis`)),
  );
  return names.map((name, index) => ({
    name,
    title: titles.get(name.toLowerCase()) ?? name,
    apis: lists[index]?.map(nameOf) ?? null,
  }));
}

function nameOf(row: unknown): string {
  return asText(asRecord(row)['name']) ?? '';
}

function titleOf(row: unknown): string {
  return asText(asRecord(asRecord(row)['properties'])['displayName']) ?? nameOf(row);
}

function toNamedValue(row: unknown): NamedValue[] {
  const { displayName, value, secret, keyVault } = asRecord(asRecord(row)['properties']);
  const name = asText(displayName);
  if (name === null) return [];
  const isSecret = secret === true || Object.keys(asRecord(keyVault)).length > 0;
  return [{ name, value: isSecret || typeof value !== 'string' ? null : value }];
}
