// Failed connections in the logs of the sample estate: what a gateway cannot connect to by its map of each moment, and
// the answer to the query for them.

import type { CustomProperties } from '../core/instance.ts';
import { backendOffer, readSettings, versionsOf } from '../core/tls/settings.ts';
import { seenVersion } from '../core/traffic.ts';
import { jsonAnswer } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import { takes } from './backends.ts';
import type { SampleApi, SampleService } from './model.ts';

/** Moments in milliseconds since 1970. */
export interface FailureQuestion {
  readonly instanceId: string;
  readonly from: number;
  readonly changedAt: number;
  readonly to: number;
}

/** The map that was in force at a moment. */
export type MapAt = (service: SampleService, at: number) => CustomProperties | null;

/** What the product's query asks for; undefined where it is another query. */
export function failureQuestion(query: string): FailureQuestion | undefined {
  const ids = new Set([...query.matchAll(/_ResourceId =~ '([^']+)'/g)].map(([, id]) => id));
  const between = /TimeGenerated between \(datetime\(([^)]+)\) \.\. datetime\(([^)]+)\)\)/g;
  const windows = new Set([...query.matchAll(between)].map(([, from, to]) => `${from} ${to}`));
  const [, changed = ''] = /IsSince = TimeGenerated >= datetime\(([^)]+)\)/.exec(query) ?? [];
  const tables = /union isfuzzy=true[^;]*\bApiManagementGatewayLogs\b[^;]*\bAzureDiagnostics\b[^;]*;/.test(query);
  const [instanceId] = ids;
  const [window = ''] = windows;
  const [from = NaN, to = NaN] = window.split(' ').map((moment) => Date.parse(moment));
  const changedAt = Date.parse(changed);
  const sound = tables && ids.size === 1 && windows.size === 1 && from <= changedAt && changedAt <= to;
  return sound && instanceId !== undefined ? { instanceId, from, changedAt, to } : undefined;
}

/** Calls of one API in a second. */
const callsPerSecond = 2.5;

interface Counts {
  readonly since: number;
  readonly before: number;
  readonly last: number;
}

/** Rows of both levels, as the query's answer has them; none where the instance does not log. */
export function failureTable(
  service: SampleService | undefined,
  question: FailureQuestion,
  mapAt: MapAt,
  now: number,
): ArmAnswer {
  const times = service === undefined ? [] : stretches(service, question, mapAt, now);
  const { changedAt } = question;
  const rows =
    service === undefined ? [] : [...versionRows(service, times, changedAt), ...failureRows(service, times, changedAt)];
  const table = { name: 'PrimaryResult', columns: columns.map(([name, type]) => ({ name, type })), rows };
  return jsonAnswer(200, { tables: [table] });
}

const columns = [
  ['Level', 'string'],
  ['Version', 'string'],
  ['Api', 'string'],
  ['Reason', 'string'],
  ['Host', 'string'],
  ['Since', 'long'],
  ['Before', 'long'],
  ['Tls', 'long'],
  ['LastSeen', 'datetime'],
] as const;

type Row = readonly (string | number)[];

function failureRows(service: SampleService, times: readonly Stretch[], changedAt: number): Row[] {
  return (service.apis ?? []).flatMap((api): Row[] => {
    const address = backendOf(service, api);
    if (address === undefined) return [];
    const host = `${address.hostname}:${address.port || '443'}`;
    const fails = (map: CustomProperties) =>
      !takes(host, backendOffer(readSettings({ ...service, customProperties: map })));
    const { since, before, last } = counted(times, changedAt, callsPerSecond, fails);
    if (since === 0) return [];
    // A host that nobody answers for is no matter of TLS.
    const tls = address.hostname.endsWith('.invalid') ? 0 : since;
    return [['failure', '', api.name, 'BackendConnectionFailure', address.hostname, since, before, tls, at(last)]];
  });
}

/** The address that calls of the API go to over TLS. */
function backendOf(service: SampleService, api: SampleApi): URL | undefined {
  const [, named] = /backend-id="([^"]+)"/.exec(api.policy ?? '') ?? [];
  const backend = service.backends?.find(({ name }) => name === named);
  const member = service.backends?.find(({ name }) => name === backend?.pool?.[0]);
  const url = URL.parse(member?.url ?? backend?.url ?? api.serviceUrl ?? '');
  return url?.protocol === 'https:' ? url : undefined;
}

const monthSeconds = 30 * 86_400;

/** Callers come as in the whole month, as long as their version is on. */
function versionRows(service: SampleService, times: readonly Stretch[], changedAt: number): Row[] {
  const traffic = service.logs?.traffic ?? [];
  return [...new Set(traffic.map(({ version }) => version))].map((text): Row => {
    const version = seenVersion(text);
    const perSecond =
      traffic.filter((one) => one.version === text).reduce((sum, one) => sum + one.requests, 0) / monthSeconds;
    const comes = (map: CustomProperties) =>
      version === 'unknown' ||
      versionsOf(readSettings({ ...service, customProperties: map }), 'client')[version] !== 'off';
    const { since, before, last } = counted(times, changedAt, perSecond, comes);
    return ['version', text, '', '', '', since, before, 0, at(last)];
  });
}

interface Stretch {
  readonly begins: number;
  readonly ends: number;
  readonly map: CustomProperties;
}

/** The maps that were in force, each with its time, cut at the change; found to a two-hundredth of the window. */
function stretches(service: SampleService, question: FailureQuestion, mapAt: MapAt, now: number): Stretch[] {
  const { from, changedAt, to } = question;
  const end = Math.min(to, now);
  const step = Math.max(100, (end - from) / 200);
  const next = (moment: number) =>
    Math.min(end, moment < changedAt ? Math.min(moment + step, changedAt) : moment + step);
  const found: (Stretch & { readonly text: string })[] = [];
  for (let moment = from; moment < end; moment = next(moment)) {
    const map = mapAt(service, moment);
    const text = JSON.stringify(map);
    const last = found.at(-1);
    if (last?.text === text && moment !== changedAt) found[found.length - 1] = { ...last, ends: next(moment) };
    else if (map !== null) found.push({ begins: moment, ends: next(moment), map, text });
  }
  return found;
}

/** Requests at an even pace, at the times at which `when` holds for the map. */
function counted(
  times: readonly Stretch[],
  changedAt: number,
  perSecond: number,
  when: (map: CustomProperties) => boolean,
): Counts {
  const holding = times.filter(({ map }) => when(map));
  const requests = (own: readonly Stretch[]) =>
    Math.floor(own.reduce((sum, { begins, ends }) => sum + ((ends - begins) * perSecond) / 1000, 0));
  return {
    since: requests(holding.filter(({ begins }) => begins >= changedAt)),
    before: requests(holding.filter(({ begins }) => begins < changedAt)),
    last: holding.at(-1)?.ends ?? changedAt,
  };
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
