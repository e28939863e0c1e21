// What Azure Advisor says of an instance: the recommendation "SSL/TLS renegotiation blocked".

import { ArmError } from '../core/failure.ts';
import { sameId } from '../core/instance.ts';
import type { RenegotiationAdvice } from '../core/renegotiation.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { asList, asMoment, asRecord, asText } from './json.ts';
import { parseServiceId } from './resourceIds.ts';
import { askResource } from './resources.ts';

/** Microsoft.Advisor, advisor.json. */
const apiVersion = '2023-01-01';
/** TlsRenegotiationBlocked, by the reference of Advisor's recommendations. */
export const renegotiationBlocked = 'b7316772-5c8f-421f-bed0-d86b0f128e25';
const mostPages = 20;

/**
 * A refusal is part of the answer; only an abort rejects. The recommendation is said to list host names; in which of its
 * properties is not documented, so every text in it is looked through for names that the caller knows.
 */
export async function readAdvice(
  connection: Connection,
  instanceId: string,
  knownHosts: readonly string[],
  signal?: AbortSignal,
): Promise<RenegotiationAdvice> {
  try {
    const own = await recommendations(connection, instanceId, signal);
    const text = own
      .map((row) => JSON.stringify(row))
      .join('\n')
      .toLowerCase();
    const moments = own.flatMap((row) => asMoment(asRecord(row['properties'])['lastUpdated']) ?? []);
    return {
      state: 'read',
      found: own.length > 0,
      hosts: knownHosts.map((host) => host.toLowerCase()).filter((host) => namesHost(text, host)),
      updated: moments.sort().at(-1) ?? null,
    };
  } catch (error) {
    const failure = toArmError(error, signal);
    if (failure.details.code === 'cancelled') throw failure;
    return { state: 'failed', why: failure.details };
  }
}

/** As a whole name, and not as the end or the beginning of a longer one. */
function namesHost(text: string, host: string): boolean {
  const at = (from: number): boolean => {
    const place = text.indexOf(host, from);
    if (place < 0) return false;
    const around = `${text[place - 1] ?? ' '}${text[place + host.length] ?? ' '}`;
    return !/[a-z0-9.-]/.test(around) || at(place + 1);
  };
  return host !== '' && at(0);
}

async function recommendations(
  connection: Connection,
  instanceId: string,
  signal: AbortSignal | undefined,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { subscriptionId } = parseServiceId(instanceId);
  const filter = encodeURIComponent(`RecommendationTypeGuid eq '${renegotiationBlocked}'`);
  const list = `/subscriptions/${subscriptionId}/providers/Microsoft.Advisor/recommendations?$filter=${filter}`;
  const own: Readonly<Record<string, unknown>>[] = [];
  let next: string | null = list;
  for (let page = 0; next !== null && page < mostPages; page += 1) {
    const asked = { subscriptionId, path: next, signal, ...(page === 0 ? { apiVersion } : {}) };
    const { body } = await askResource(connection, asked);
    const { value, nextLink } = asRecord(body);
    // A service that takes no notice of the filter gives the others, too.
    own.push(
      ...asList(value)
        .map(asRecord)
        .filter((row) => isOf(row, instanceId)),
    );
    next = asText(nextLink);
  }
  // What is not found in a part may be in the rest.
  if (next !== null && own.length === 0)
    throw new ArmError({ code: 'malformed', serviceMessage: `The list has more than ${mostPages} pages.` });
  return own;
}

function isOf(row: Readonly<Record<string, unknown>>, instanceId: string): boolean {
  const properties = asRecord(row['properties']);
  if (asText(properties['recommendationTypeId'])?.toLowerCase() !== renegotiationBlocked) return false;
  const named = asText(asRecord(properties['resourceMetadata'])['resourceId']);
  const [before = ''] = (asText(row['id']) ?? '').split(/\/providers\/Microsoft\.Advisor\//i);
  return sameId(named ?? before, instanceId);
}
