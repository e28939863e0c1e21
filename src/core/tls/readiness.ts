// Whether TLS 1.3 could be switched on for a side without anybody losing the connection: one verdict with its reasons.

import type { AskingOperations } from '../askingOperations.ts';
import { hostAndPort } from '../instance.ts';
import type { BackendHost, Instance } from '../instance.ts';
import { hasRows, totalOf } from '../traffic.ts';
import type { Traffic } from '../traffic.ts';
import { statesForDraft } from './draft.ts';
import type { Survey } from './evidence.ts';
import { asksAfterRequest } from './paths.ts';
import type { UnreadableBackend } from './plan.ts';
import type { Side } from './protocols.ts';
import { isConfirmed, readSettings, settingById, stateOf } from './settings.ts';
import type { SettingValue } from './settings.ts';
import { tierRules } from './tiers.ts';
import { judging } from './verdict.ts';

export interface ReadinessInput {
  readonly instance: Instance;
  /** Null: not read. */
  readonly asking: AskingOperations | null;
  /** Null: not read. */
  readonly backends: readonly BackendHost[] | null;
  readonly unreadable: readonly UnreadableBackend[];
  /** By `hostAndPort`, of backends and of the gateway's own host names. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** Null: not read. */
  readonly traffic: Traffic | null;
  /** Names of self-hosted gateways; null: not read. */
  readonly selfHosted: readonly string[] | null;
}

/**
 * against: speaks against it. open: not known, and may speak against it. for: speaks for it. note: good to know; changes
 * nothing in the verdict.
 */
export type ReasonWeight = 'against' | 'open' | 'for' | 'note';

export type ReadinessReason = { readonly weight: ReasonWeight } & (
  | { readonly code: 'alreadyOn' }
  /** The map of the instance is missing, or says something that cannot be read. */
  | { readonly code: 'notStated' }
  /** What Azure decides, or what the tier takes, is not documented. */
  | { readonly code: 'notConfirmed' }
  // Callers.
  | { readonly code: 'noRenegotiation'; readonly tier: string }
  /** sure: of those, how many of medium or high confidence. */
  | { readonly code: 'asking' | 'mayAsk'; readonly count: number; readonly sure: number; readonly atLeast: boolean }
  | { readonly code: 'noneAsking' }
  | { readonly code: 'askingIncomplete'; readonly sources: readonly string[] }
  | { readonly code: 'askingNotRead' }
  /** Callers came with TLS 1.3 already, by the logs. */
  | { readonly code: 'seen13'; readonly requests: number; readonly days: number; readonly readAt: string }
  | { readonly code: 'trafficNotRead' }
  /** The gateway's own host accepted TLS 1.3 when it was probed. */
  | { readonly code: 'gatewayAccepts'; readonly host: string; readonly at: string }
  // Backends.
  | { readonly code: 'backendsNotRead' }
  | { readonly code: 'noBackends' }
  | { readonly code: 'unreadable'; readonly titles: readonly string[] }
  | { readonly code: 'notProbed'; readonly hosts: readonly string[] }
  /** They ask for a client certificate by renegotiation or after the handshake, and would come to speak TLS 1.3. */
  | { readonly code: 'renegotiate'; readonly hosts: readonly string[] }
  /** Nobody has looked whether they do, or it could not be seen. */
  | { readonly code: 'mayRenegotiate'; readonly hosts: readonly string[] }
  /** They connect now and would not with TLS 1.3 among the versions of the gateway. */
  | { readonly code: 'break'; readonly hosts: readonly string[] }
  | { readonly code: 'outcomeUnknown'; readonly hosts: readonly string[] }
  /** They go on with an earlier version. */
  | { readonly code: 'without13'; readonly hosts: readonly string[] }
  | { readonly code: 'with13'; readonly hosts: readonly string[] }
  /** Probed so long ago that they may have changed since. */
  | { readonly code: 'probedEarlier'; readonly hosts: readonly string[] }
  // Both.
  /** Gateways of the instance whose TLS is set in their containers. */
  | { readonly code: 'selfHosted'; readonly names: readonly string[] }
  | { readonly code: 'selfHostedNotRead' }
);

export interface SideReadiness {
  readonly side: Side;
  /** The setting as it is. */
  readonly value: SettingValue;
  readonly verdict: 'ready' | 'notReady' | 'unknown';
  /** What speaks against it first. */
  readonly reasons: readonly ReadinessReason[];
}

const weights: readonly ReasonWeight[] = ['against', 'open', 'for', 'note'];

/** Both sides. Pure: nothing is claimed that the input does not hold. */
export function readiness(input: ReadinessInput): readonly [SideReadiness, SideReadiness] {
  return [
    sideOf(input, 'client', [...settingReasons(input, 'client'), ...callerReasons(input), ...selfHosted(input)]),
    sideOf(input, 'backend', [...settingReasons(input, 'backend'), ...backendReasons(input), ...selfHosted(input)]),
  ];
}

function sideOf({ instance }: ReadinessInput, side: Side, reasons: readonly ReadinessReason[]): SideReadiness {
  const { value } = stateOf(readSettings(instance), `${side}.tls13`);
  const has = (weight: ReasonWeight) => reasons.some((reason) => reason.weight === weight);
  return {
    side,
    value,
    verdict: has('against') ? 'notReady' : has('open') ? 'unknown' : 'ready',
    reasons: [...reasons].sort((a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight)),
  };
}

function settingReasons({ instance }: ReadinessInput, side: Side): ReadinessReason[] {
  const state = stateOf(readSettings(instance), `${side}.tls13`);
  const setting = settingById(`${side}.tls13`);
  return [
    ...(instance.customProperties === null || state.oddText !== undefined
      ? [{ weight: 'open', code: 'notStated' } as const]
      : []),
    ...(state.value === 'on' ? [{ weight: 'note', code: 'alreadyOn' } as const] : []),
    ...(setting && !isConfirmed(setting, instance.tier) ? [{ weight: 'note', code: 'notConfirmed' } as const] : []),
  ];
}

function callerReasons({ instance, asking, traffic, surveys }: ReadinessInput): ReadinessReason[] {
  const found: ReadinessReason[] = [];
  if (!tierRules(instance.tier).renegotiation)
    found.push({ weight: 'for', code: 'noRenegotiation', tier: instance.tier });
  else if (asking === null) found.push({ weight: 'open', code: 'askingNotRead' });
  else {
    const { count, sure, atLeast } = asking;
    if (sure > 0) found.push({ weight: 'against', code: 'asking', count, sure, atLeast });
    else if (count > 0) found.push({ weight: 'open', code: 'mayAsk', count, sure, atLeast });
    else if (asking.complete) found.push({ weight: 'for', code: 'noneAsking' });
    if (!asking.complete) found.push({ weight: 'open', code: 'askingIncomplete', sources: asking.sources });
  }
  const seen = totalOf(traffic, 'tls13');
  if (traffic && seen && seen.requests > 0)
    found.push({ weight: 'note', code: 'seen13', requests: seen.requests, days: traffic.days, readAt: traffic.readAt });
  if (!hasRows(traffic)) found.push({ weight: 'note', code: 'trafficNotRead' });
  const accepts = instance.hosts.flatMap(({ hostName, type }) => {
    const survey = surveys[hostAndPort({ host: hostName.toLowerCase(), port: 443 })];
    return type.toLowerCase() === 'proxy' && survey?.protocols.tls13 === 'yes'
      ? [{ host: hostName, at: survey.at }]
      : [];
  });
  return [...found, ...accepts.map((one) => ({ weight: 'note', code: 'gatewayAccepts', ...one }) as const)];
}

/** Older than the settings that it is held against by so much, a survey may be of a server that has changed since. */
const mostSurveyAgeMs = 24 * 60 * 60 * 1000;

function backendReasons(input: ReadinessInput): ReadinessReason[] {
  const { instance, backends, unreadable } = input;
  if (backends === null) return [{ weight: 'open', code: 'backendsNotRead' }];
  const secure = backends.filter(({ scheme }) => scheme === 'https');
  const titles = [...new Set(unreadable.map(({ title }) => title))];
  const judge = judging(readSettings(instance), statesForDraft(instance, { 'backend.tls13': 'on' }));
  const sorted = new Map<HostClass, string[]>();
  for (const backend of secure) {
    const survey = input.surveys[hostAndPort(backend)];
    const { verdict } = judge(backend, survey);
    for (const kind of classesOf(survey, verdict === 'breaks', verdict === 'unknown', instance.readAt)) {
      const hosts = sorted.get(kind) ?? [];
      hosts.push(hostAndPort(backend));
      sorted.set(kind, hosts);
    }
  }
  const reason = (weight: ReasonWeight, code: HostClass): ReadinessReason[] => {
    const hosts = sorted.get(code) ?? [];
    return hosts.length === 0 ? [] : [{ weight, code, hosts }];
  };
  return [
    ...(secure.length === 0 && titles.length === 0 ? [{ weight: 'for', code: 'noBackends' } as const] : []),
    ...reason('against', 'renegotiate'),
    ...reason('against', 'break'),
    ...(titles.length === 0 ? [] : [{ weight: 'open', code: 'unreadable', titles } as const]),
    ...reason('open', 'notProbed'),
    ...reason('open', 'outcomeUnknown'),
    ...reason('open', 'mayRenegotiate'),
    ...reason('open', 'probedEarlier'),
    ...reason('for', 'with13'),
    ...reason('note', 'without13'),
  ];
}

type HostClass = Extract<ReadinessReason, { readonly hosts: unknown }>['code'];

function classesOf(survey: Survey | undefined, breaks: boolean, isUnknown: boolean, readAt: string): HostClass[] {
  if (survey === undefined) return ['notProbed'];
  // Fails now as well: TLS 1.3 takes nothing away.
  if (survey.behaviour === 'plain-http' || survey.behaviour === 'not-tls') return [];
  const old: HostClass[] = Date.parse(readAt) - Date.parse(survey.at) > mostSurveyAgeMs ? ['probedEarlier'] : [];
  // A server that refuses TLS 1.3 may still stumble over an offer of it.
  if (survey.protocols.tls13 === 'no') return [breaks ? 'break' : isUnknown ? 'outcomeUnknown' : 'without13', ...old];
  if (survey.behaviour !== 'tls') return ['outcomeUnknown', ...old];
  // Asked for before there is a request, it is so with TLS 1.3 as well.
  const required = survey.clientCertificate.inHandshake === 'required';
  const { asks } = asksAfterRequest(survey);
  const later: HostClass[] =
    required || asks === 'not-seen' ? [] : [asks === 'seen' ? 'renegotiate' : 'mayRenegotiate'];
  return [
    ...later,
    ...(breaks ? (['break'] as const) : isUnknown ? (['outcomeUnknown'] as const) : []),
    ...(survey.protocols.tls13 === 'yes' && !breaks ? (['with13'] as const) : []),
    ...old,
  ];
}

/** What is set for an instance does not reach them. */
function selfHosted({ selfHosted: names }: ReadinessInput): ReadinessReason[] {
  if (names === null) return [{ weight: 'note', code: 'selfHostedNotRead' }];
  return names.length === 0 ? [] : [{ weight: 'note', code: 'selfHosted', names }];
}
