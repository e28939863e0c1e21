// The Activity Log of a subscription: the writes that the sample states, and those that the emulator has taken itself.
// Source: Microsoft.Insights 2015-04-01, activityLogs_API.json with its examples.

import { activityDays } from '../core/activity.ts';
import { forbiddenError, jsonAnswer, armError } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import { sampleAccount } from './account.ts';
import { serviceId } from './model.ts';
import type { Estate, SampleService } from './model.ts';
import type { State } from './state.ts';

export const activityPath =
  /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.Insights\/eventtypes\/management\/values$/i;

const filterPattern = /^eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)' and resourceUri eq '([^']+)'$/;

interface Write {
  readonly service: SampleService;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  readonly status: 'Succeeded' | 'Failed';
  /** One for the events of one operation. */
  readonly operation: string;
}

const keptMs = activityDays * 24 * 3_600_000;

/**
 * @param subscriptionId the one of the path, which the caller may see
 * @param now milliseconds since 1970
 */
export function activityAnswer(estate: Estate, state: State, subscriptionId: string, url: URL, now: number): ArmAnswer {
  const [, from = '', to = '', uri = ''] = filterPattern.exec(url.searchParams.get('$filter') ?? '') ?? [];
  const window = [Date.parse(from), Date.parse(to)] as const;
  if (uri === '' || window.some(Number.isNaN)) return armError(400, 'BadRequest', 'The filter is not supported.');
  // That Azure refuses older ones is not confirmed; whoever asks must not count on either.
  if (window[0] < now - keptMs) return armError(400, 'BadRequest', `The log keeps ${activityDays} days.`);
  const service = estate.services.find((one) => serviceId(one).toLowerCase() === uri.toLowerCase());
  if (service?.activityForbidden)
    return forbiddenError('Microsoft.Insights/eventtypes/values/read', `/subscriptions/${subscriptionId}`);
  if (service === undefined || service.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase())
    return jsonAnswer(200, { value: [] });
  const events = writesOf(service, state)
    .flatMap((write) => eventsOf(write))
    .filter(({ eventTimestamp }) => Date.parse(eventTimestamp) >= window[0] && Date.parse(eventTimestamp) <= window[1])
    .sort((a, b) => b.eventTimestamp.localeCompare(a.eventTimestamp));
  return jsonAnswer(200, { value: events });
}

function writesOf(service: SampleService, state: State): Write[] {
  const id = serviceId(service).toLowerCase();
  const stated = (service.activity ?? []).map(({ by, hoursAgo, failed }, index): Write => {
    const at = state.startedAt - hoursAgo * 3_600_000;
    return { service, at, by, status: failed ? 'Failed' : 'Succeeded', operation: `stated-${index}` };
  });
  const taken = [...state.past, ...state.operations]
    .filter((operation) => operation.service === id && operation.beganAt !== undefined)
    .map(({ id: operation, beganAt = 0, by, outcome }): Write => {
      const status = outcome === 'succeeded' ? 'Succeeded' : 'Failed';
      return { service, at: beganAt, by: by ?? sampleAccount, status, operation };
    });
  return [...stated, ...taken];
}

function eventsOf({ service, at, by, status, operation }: Write) {
  const id = serviceId(service);
  const word = (value: string, localizedValue: string) => ({ value, localizedValue });
  return [
    { status: word('Started', 'Started'), ms: 0 },
    { status: word('Accepted', 'Accepted'), ms: 1200 },
    { status: word(status, status), ms: 60_000 },
  ].map((event, index) => ({
    authorization: { action: 'Microsoft.ApiManagement/service/write', scope: id },
    caller: by,
    category: word('Administrative', 'Administrative'),
    correlationId: `${operation}`,
    eventDataId: `${operation}-${index}`,
    eventTimestamp: new Date(at + event.ms).toISOString(),
    operationName: word('Microsoft.ApiManagement/service/write', 'Create/Update API Management service'),
    resourceId: id,
    status: event.status,
    level: 'Informational',
  }));
}
