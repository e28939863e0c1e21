// The shape of a snapshot from the panel, checked before anything of it is drawn.

import * as v from 'valibot';
import { changeWatchSchema } from '../src/core/changeWatch.ts';
import { historyEntrySchema } from '../src/core/history.ts';
import { keptDraftSchema } from '../src/messages/editor.ts';
import { tierLocks } from '../src/core/tls/tiers.ts';
import { certificateAsks } from '../src/core/policyFacts.ts';
import type { RenegotiationRow } from '../src/core/renegotiation.ts';
import { trafficWindows } from '../src/core/traffic.ts';
import type { TrafficRow } from '../src/core/traffic.ts';
import type { EditorState } from '../src/messages/editor.ts';
import type { StatePart } from '../src/messages/stateParts.ts';

const text = v.string();
const optionalText = v.nullable(text);
const answer = v.picklist(['yes', 'no', 'unknown']);
const protocol = v.picklist(['ssl3', 'tls10', 'tls11', 'tls12', 'tls13']);

const instance = v.looseObject({
  id: text,
  name: text,
  resourceGroup: text,
  subscriptionId: text,
  location: text,
  otherRegions: v.array(text),
  tier: text,
  unlocked: v.optional(v.array(v.picklist(tierLocks))),
  units: v.number(),
  provisioningState: text,
  createdAt: optionalText,
  etag: optionalText,
  customProperties: v.nullable(v.record(text, text)),
  gatewayUrl: optionalText,
  hosts: v.array(v.looseObject({ hostName: text, type: text, certificateExpiry: optionalText })),
  readAt: text,
});

const backend = v.looseObject({
  host: text,
  port: v.number(),
  scheme: v.picklist(['https', 'http']),
  usedBy: v.array(
    v.looseObject({
      kind: v.picklist(['backend', 'api', 'pool', 'policy', 'log']),
      title: text,
      validateChain: v.boolean(),
      validateName: v.boolean(),
    }),
  ),
  seen: v.optional(
    v.looseObject({
      requests: v.number(),
      failures: v.number(),
      failureText: text,
      serverErrors: v.number(),
      lastSeen: optionalText,
      days: v.picklist(trafficWindows),
      readAt: text,
    }),
  ),
});

const offer = v.looseObject({ versions: v.array(protocol), suites: v.array(v.number()) });

const survey = v.looseObject({
  endpoint: v.looseObject({ host: text, port: v.number() }),
  at: text,
  behaviour: text,
  protocols: v.object({ ssl3: answer, tls10: answer, tls11: answer, tls12: answer, tls13: answer }),
  suites: v.record(text, v.array(v.number())),
  certificate: v.nullable(
    v.looseObject({ chain: v.array(v.looseObject({ subject: text, notAfter: text })), findings: v.array(text) }),
  ),
  planned: v.nullable(
    v.looseObject({ offer, connects: answer, version: v.nullable(protocol), suite: v.nullable(v.number()) }),
  ),
  unknowns: v.array(v.looseObject({ what: text, why: text })),
});

const trafficTotal = {
  version: v.picklist([...protocol.options, 'unknown']),
  versionText: text,
  requests: v.number(),
  callers: v.nullable(v.number()),
  lastSeen: optionalText,
};
const logSource = v.object({ workspaceId: text, table: v.picklist(['dedicated', 'legacy']) });
/** Checked as one value: a schema for each of a thousand rows takes a fifth of the frame in which they come. */
const rowsOfTraffic = v.custom<readonly TrafficRow[]>((rows) => Array.isArray(rows) && rows.every(isTrafficRow));
const seenVersions: ReadonlySet<unknown> = new Set(trafficTotal.version.options);

function isTrafficRow(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Record<keyof TrafficRow, unknown>;
  return (
    seenVersions.has(row.version) &&
    typeof row.versionText === 'string' &&
    typeof row.requests === 'number' &&
    (row.callers === null || typeof row.callers === 'number') &&
    (row.lastSeen === null || typeof row.lastSeen === 'string') &&
    typeof row.api === 'string' &&
    typeof row.operation === 'string' &&
    Array.isArray(row.addresses) &&
    row.addresses.every((one) => typeof one === 'string')
  );
}

const trafficRows = {
  source: logSource,
  totals: v.array(v.object(trafficTotal)),
  rows: rowsOfTraffic,
  cut: v.boolean(),
};
const reading = { days: v.picklist(trafficWindows), readAt: text };
const traffic = v.variant('state', [
  v.object({ state: v.literal('notConfigured'), why: text, ...reading }),
  v.object({ state: v.literal('noPermission'), action: text, scope: text, ...reading }),
  v.object({ state: v.picklist(['tableMissing', 'noData']), source: logSource, ...reading }),
  v.object({ state: v.literal('read'), ...trafficRows, ...reading }),
  v.object({ state: v.literal('partial'), problem: text, ...trafficRows, ...reading }),
]);

const activity = v.variant('state', [
  v.object({
    state: v.literal('read'),
    writes: v.array(v.object({ at: text, caller: text, status: text })),
    from: text,
    to: text,
    cut: v.boolean(),
  }),
  v.object({ state: v.literal('noPermission'), action: text, scope: text }),
]);
const drift = v.object({
  at: text,
  source: v.picklist(['seen', 'applied']),
  before: v.record(text, text),
  foundAt: text,
  grade: v.picklist(['weaker', 'stronger', 'other', 'same']),
  reading: v.boolean(),
  problem: text,
  writers: v.nullable(activity),
});

const snapshot = v.looseObject({
  instance,
  subscriptionName: text,
  sample: v.boolean(),
  operation: v.nullable(
    v.object({ id: text, kind: v.picklist(['change', 'undo']), startedAt: text, foreign: v.boolean() }),
  ),
  backends: v.nullable(v.array(backend)),
  unreadable: v.array(v.object({ title: text, url: text })),
  backendsProblem: text,
  surveys: v.record(text, survey),
  gatewaySurveys: v.record(text, survey),
  probing: v.nullable(v.object({ what: v.picklist(['backends', 'gateway']), done: v.number(), total: v.number() })),
  renegotiations: v.object({
    days: v.picklist(trafficWindows),
    progress: v.nullable(
      v.object({ step: v.picklist(['logs', 'policies', 'operations']), done: v.number(), total: v.number() }),
    ),
    problem: text,
    found: v.nullable(
      v.looseObject({
        list: v.number(),
        total: v.number(),
        cut: v.boolean(),
        more: v.boolean(),
        readAt: text,
        sources: v.array(v.looseObject({ kind: v.picklist(['tier', 'hosts', 'policies', 'gaps', 'logs', 'advisor']) })),
      }),
    ),
  }),
  traffic: v.object({
    days: v.picklist(trafficWindows),
    reading: v.boolean(),
    problem: text,
    found: v.nullable(traffic),
  }),
  drift: v.nullable(drift),
  drafts: v.object({
    from: optionalText,
    others: v.array(v.object({ writer: text, at: text, draft: keptDraftSchema })),
  }),
  selfHosted: v.object({ names: v.nullable(v.array(text)), problem: text }),
  seen: v.object({
    reading: v.boolean(),
    problem: text,
    found: v.nullable(v.looseObject({ state: text, days: v.picklist(trafficWindows), readAt: text, cut: v.boolean() })),
  }),
  connectivity: v.record(
    text,
    v.object({
      found: v.nullable(v.looseObject({ host: text, at: text, regions: v.array(v.looseObject({ region: text })) })),
      running: v.boolean(),
      problem: text,
    }),
  ),
  history: v.array(historyEntrySchema),
  historyUnreadable: v.number(),
  watch: v.nullable(changeWatchSchema),
  problem: text,
  notice: text,
});

const renegotiationRows = v.array(
  v.object({
    api: text,
    apiName: text,
    operation: text,
    operationName: text,
    covers: v.picklist(['one', 'all', 'other', 'none']),
    host: text,
    version: v.nullable(v.picklist([...protocol.options, 'unknown'])),
    requests: v.nullable(v.number()),
    callers: v.nullable(v.number()),
    lastSeen: optionalText,
    confidence: v.picklist(['high', 'medium', 'low']),
    asks: v.array(
      v.object({
        what: v.picklist(certificateAsks),
        scope: v.picklist(['global', 'product', 'api', 'operation']),
        product: text,
        fragment: text,
        namedValue: text,
        conditional: v.boolean(),
      }),
    ),
    advised: v.boolean(),
    foreignHost: v.boolean(),
  }),
);

/** Rows of the estimate, or an error that says that they came in a wrong shape. */
export function readRenegotiationRows(value: unknown): readonly RenegotiationRow[] {
  const parsed = v.safeParse(renegotiationRows, value);
  if (!parsed.success) throw new Error('The rows of the list came in a wrong shape and were left out.');
  return parsed.output;
}

const hosts = v.object({ surveys: v.record(text, survey), gatewaySurveys: v.record(text, survey) });
const part = v.object({
  fields: v.partial(v.omit(snapshot, ['surveys', 'gatewaySurveys'])),
  entries: hosts,
  gone: v.object({ surveys: v.array(text), gatewaySurveys: v.array(text) }),
});

/** A part of a snapshot, or an error that says that it came in a wrong shape. */
export function readPart(value: unknown): StatePart {
  const parsed = v.safeParse(part, value);
  if (!parsed.success) throw new Error('A part of the state of the editor came in a wrong shape and was left out.');
  return parsed.output as unknown as StatePart;
}

/** The snapshot, or an error that says that it came in a wrong shape. */
export function readSnapshot(value: unknown): EditorState {
  const parsed = v.safeParse(snapshot, value);
  if (!parsed.success) throw new Error('The state of the editor came in a wrong shape and was left out.');
  return parsed.output as unknown as EditorState;
}
