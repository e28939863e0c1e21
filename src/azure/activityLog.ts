// Who wrote to an instance in a window of time, by the Activity Log of its subscription.

import { activityDays } from '../core/activity.ts';
import type { Activity, ActivityWrite } from '../core/activity.ts';
import { plainText } from '../core/failure.ts';
import { sameId } from '../core/instance.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { asList, asMoment, asRecord, asText } from './json.ts';
import { parseServiceId } from './resourceIds.ts';
import { askResource } from './resources.ts';

/** Specification: Microsoft.Insights 2015-04-01, activityLogs_API.json; the filter takes these words in this order only. */
const apiVersion = '2015-04-01';
const action = 'Microsoft.Insights/eventtypes/values/read';

/** A window with more pages than this is told as cut. */
const mostPages = 10;
const dayMs = 24 * 60 * 60 * 1000;

export interface ActivityWindow {
  /** ISO 8601, UTC. */
  readonly from: string;
  readonly to: string;
}

/**
 * PUT and PATCH of the instance itself. What the user can put right is a state and no rejection.
 * @param now the time of this machine
 */
export async function readActivity(
  connection: Connection,
  instanceId: string,
  window: ActivityWindow,
  now: Date,
  signal?: AbortSignal,
): Promise<Activity> {
  const { subscriptionId } = parseServiceId(instanceId);
  // An hour less: the log forgets while it is being asked.
  const oldest = new Date(now.getTime() - activityDays * dayMs + dayMs / 24).toISOString();
  const tooOld = window.from < oldest;
  const from = tooOld ? oldest : window.from;
  try {
    const { events, more } = await eventsOf(connection, subscriptionId, filterFor(instanceId, from, window.to), signal);
    const writes = writesOf(events, instanceId);
    return { state: 'read', writes, from: window.from, to: window.to, cut: tooOld || more };
  } catch (error) {
    const failure = toArmError(error, signal);
    const { code, serviceCode, action: stated, scopes } = failure.details;
    if (code !== 'forbidden' && serviceCode !== 'SubscriptionNotFound') throw failure;
    return {
      state: 'noPermission',
      action: stated ?? action,
      scope: scopes?.[0] ?? `/subscriptions/${subscriptionId}`,
    };
  }
}

function filterFor(instanceId: string, from: string, to: string): string {
  // An id has no apostrophe; one that had would end the text.
  const uri = instanceId.replaceAll("'", "''");
  return `eventTimestamp ge '${from}' and eventTimestamp le '${to}' and resourceUri eq '${uri}'`;
}

async function eventsOf(
  connection: Connection,
  subscriptionId: string,
  filter: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly events: readonly unknown[]; readonly more: boolean }> {
  const events: unknown[] = [];
  const first = `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values?$filter=${filter}`;
  let next: string | null = first;
  for (let page = 0; next !== null && page < mostPages; page += 1) {
    const asked = next === first ? { path: next, apiVersion } : { path: next };
    const { body } = await askResource(connection, { subscriptionId, ...asked, signal });
    const { value, nextLink } = asRecord(body);
    if (!Array.isArray(value))
      throw toArmError({ code: 'PARSE_ERROR', message: 'The answer is not the list of events that was expected.' });
    events.push(...asList(value));
    next = asText(nextLink);
  }
  return { events, more: next !== null };
}

/** Better known last: what an operation came to counts more than that it was begun. */
const statuses = ['started', 'accepted', 'succeeded', 'canceled', 'failed'];

interface Seen extends ActivityWrite {
  readonly rank: number;
}

/** One write for each operation: its events (Started, Accepted, Succeeded and so on) have one correlation id. */
export function writesOf(events: readonly unknown[], instanceId: string): ActivityWrite[] {
  const found = new Map<string, Seen>();
  events.forEach((event, index) => {
    const { eventTimestamp, caller, operationName, status, correlationId, resourceId } = asRecord(event);
    const at = asMoment(eventTimestamp);
    const operation = localized(operationName).toLowerCase();
    if (at === null || operation !== 'microsoft.apimanagement/service/write') return;
    if (!sameId(asText(resourceId) ?? '', instanceId)) return;
    const stated = localized(status);
    const rank = statuses.indexOf(stated.toLowerCase());
    const key = asText(correlationId) ?? `event ${index}`;
    const known = found.get(key);
    const who = plainText(asText(caller) ?? '', 200);
    if (!known) return void found.set(key, { at, caller: who, status: plainText(stated, 40), rank });
    found.set(key, {
      at: at < known.at ? at : known.at,
      caller: known.caller === '' ? who : known.caller,
      status: rank > known.rank ? plainText(stated, 40) : known.status,
      rank: Math.max(rank, known.rank),
    });
  });
  return [...found.values()]
    .map(({ at, caller, status }) => ({ at, caller, status }))
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** Words of the log come as `{ value, localizedValue }`. */
function localized(value: unknown): string {
  return asText(value) ?? asText(asRecord(value)['value']) ?? '';
}
