// Answers with a status of 400 and more: what Azure Resource Manager, or a proxy in its place, says no with.

import { plainText } from '../core/failure.ts';
import type { FailureCode, FailureDetails, PolicyViolation } from '../core/failure.ts';
import { asList, asRecord, asText, parseJson } from './json.ts';
import type { Json } from './json.ts';

export type Headers = { get(name: string): string | undefined } | undefined;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** @param sdk what the SDK made of the answer; used where the body says nothing */
export function refusalOf(
  answer: Answer,
  sdk: { readonly code: string | null; readonly message: string | null } | null,
): FailureDetails {
  const { status, headers, body } = answer;
  if (isPage(body, headers)) return pageRefusal(answer);
  const parsed = asRecord(parseJson(body));
  const stated = asRecord(parsed['error'] ?? parsed);
  const serviceCode = asText(stated['code']) ?? sdk?.code ?? null;
  // Some services write Message.
  const message = asText(stated['message']) ?? asText(stated['Message']) ?? readable(sdk?.message ?? null);
  const denied = denials(stated);
  const code = denied.length > 0 ? 'policyDenied' : codeFor(answer, serviceCode, message ?? '');
  return {
    code,
    status,
    ...(serviceCode === null ? {} : { serviceCode }),
    ...(message === null ? {} : { serviceMessage: message }),
    ...(code === 'forbidden' ? missingAction(message ?? '') : {}),
    ...(code === 'managementLock' ? lockedScopes(message ?? '') : {}),
    ...(code === 'policyDenied' ? { policies: denied.flatMap(violationsIn) } : {}),
  };
}

/** A web page where JSON was expected. */
export function isPage(body: string, headers: Headers): boolean {
  const start = body.trimStart().slice(0, 1000);
  return start.startsWith('<') && (/<(!doctype )?html|<head|<body/i.test(start) || /html/i.test(typeOf(headers)));
}

function typeOf(headers: Headers): string {
  return headers?.get('content-type') ?? '';
}

const longestPageText = 200;

/** What a page says, for people: its title, or else its text. */
export function pageText(body: string): string {
  const title = plainText(/<title[^>]*>([^<]*)<\/title/i.exec(body)?.[1] ?? '', longestPageText);
  return title === '' ? plainText(body, longestPageText) : title;
}

/** Azure Resource Manager answers in JSON: a page with a status of refusal comes from something in between. */
function pageRefusal({ status, body }: Answer): FailureDetails {
  const code = status === 511 ? 'portal' : status >= 500 ? 'unavailable' : 'proxy';
  return { code, status, serviceMessage: pageText(body) };
}

const lockedCodes = ['servicelocked', 'pessimisticconcurrencyconflict'];

function codeFor({ status, headers }: Answer, serviceCode: string | null, message: string): FailureCode {
  const named = (serviceCode ?? '').toLowerCase();
  if (status === 401)
    return /claims=/i.test(headers?.get('www-authenticate') ?? '') ? 'interactionNeeded' : 'unauthorized';
  if (status === 403) return 'forbidden';
  // RFC 9110, section 15.5.8, and RFC 6585, section 6: neither comes from Azure.
  if (status === 407) return 'proxy';
  if (status === 511) return 'portal';
  if (refusesVersion(status, named, message)) return 'apiVersion';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 408) return 'timeout';
  if (status === 409 && named === 'scopelocked') return 'managementLock';
  if (status === 409) return lockedCodes.includes(named) ? 'locked' : 'conflict';
  if (status === 412) return 'changed';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unavailable' : 'refused';
}

/**
 * Resource Manager names the versions that it supports; an instance with `apiVersionConstraint` those that it is
 * "configured to allow management requests" with.
 */
function refusesVersion(status: number, code: string, message: string): boolean {
  if (status !== 400 && status !== 404) return false;
  return /version(constraint|parameter)/.test(code) || /api-versions?\b/i.test(message);
}

/** The message of the SDK, unless it repeats a body. */
function readable(message: string | null): string | null {
  return message === null || /^\s*[{<]/.test(message) ? null : message;
}

/** The action that AuthorizationFailed, or LinkedAuthorizationFailed, says is missing, and where. */
function missingAction(message: string): { action?: string; scopes?: readonly string[] } {
  const [, action, scope] =
    /does not have (?:authorization|permission) to perform action(?:\(s\))? '([^']+)'(?: (?:over|on)(?: the linked)? scope(?:\(s\))? '([^']+)')?/i.exec(
      message,
    ) ?? [];
  if (action === undefined) return {};
  return { action: plainText(action), ...(scope === undefined ? {} : { scopes: idsIn(scope) }) };
}

function lockedScopes(message: string): { scopes?: readonly string[] } {
  const [, scopes] = /locked: '([^']+)'/i.exec(message) ?? [];
  return scopes === undefined ? {} : { scopes: idsIn(scopes) };
}

const mostNamed = 5;

function idsIn(text: string): string[] {
  return text
    .split(',')
    .map((id) => plainText(id))
    .filter((id) => id !== '')
    .slice(0, mostNamed);
}

/** The parts of an error that say RequestDisallowedByPolicy: itself, or some of its details. */
function denials(stated: Json): Json[] {
  return [stated, ...asList(stated['details']).map(asRecord)].filter(
    (part) => asText(part['code'])?.toLowerCase() === 'requestdisallowedbypolicy',
  );
}

function violationsIn(part: Json): PolicyViolation[] {
  const infos = asList(part['additionalInfo'])
    .map(asRecord)
    .filter(({ type }) => type === 'PolicyViolation')
    .map(({ info }) => asRecord(info));
  const told = infos.map((info) => ({
    name: asText(info['policyDefinitionDisplayName']) ?? asText(info['policyDefinitionName']),
    id: asText(info['policyDefinitionId']),
    assignmentId: asText(info['policyAssignmentId']),
  }));
  return (told.length > 0 ? told : identifiersIn(asText(part['message']) ?? ''))
    .slice(0, mostNamed)
    .map(({ name, id, assignmentId }) => ({
      policy: plainText(name ?? id ?? '?', longestPageText),
      assignmentId: plainText(assignmentId ?? ''),
    }));
}

/** The message ends in "Policy identifiers: '[{"policyAssignment":{"name","id"},"policyDefinition":{…}}]'.". */
function identifiersIn(message: string): { name: string | null; id: string | null; assignmentId: string | null }[] {
  const [, json] = /Policy identifiers: '(\[.*\])'/s.exec(message) ?? [];
  return asList(parseJson(json)).map((entry) => {
    const definition = asRecord(asRecord(entry)['policyDefinition']);
    const assignment = asRecord(asRecord(entry)['policyAssignment']);
    return { name: asText(definition['name']), id: asText(definition['id']), assignmentId: asText(assignment['id']) };
  });
}
