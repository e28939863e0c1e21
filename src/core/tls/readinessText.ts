// Readiness for TLS 1.3 as sentences, and as one Markdown document for one or several instances.

import * as l10n from '@vscode/l10n';
import { code, heading, list, table } from '../markdown.ts';
import { operationCountText } from '../renegotiationText.ts';
import { countText, requestsText } from '../trafficText.ts';
import { sideLabel } from '../settingText.ts';
import { namesText } from '../wording.ts';
import { foreign, utcText } from './planText.ts';
import type { ReadinessInput, ReadinessReason, ReasonWeight, SideReadiness } from './readiness.ts';

export function readinessVerdictText({ verdict, value }: Pick<SideReadiness, 'verdict' | 'value'>): string {
  if (value === 'on') return onText(verdict);
  if (verdict === 'ready') return l10n.t('Ready for TLS 1.3');
  return verdict === 'notReady' ? l10n.t('Not ready for TLS 1.3') : l10n.t('Not known whether ready for TLS 1.3');
}

function onText(verdict: SideReadiness['verdict']): string {
  if (verdict === 'ready') return l10n.t('TLS 1.3 is on, and nothing is known that speaks against it');
  return verdict === 'notReady'
    ? l10n.t('TLS 1.3 is on, although this speaks against it')
    : l10n.t('TLS 1.3 is on; not everything is known');
}

export function weightText(weight: ReasonWeight): string {
  const texts: Readonly<Record<ReasonWeight, string>> = {
    against: l10n.t('Against'),
    open: l10n.t('Not known'),
    for: l10n.t('For'),
    note: l10n.t('Note'),
  };
  return texts[weight];
}

/** One sentence: what, and what follows or what to do. */
export function readinessReasonText(reason: ReadinessReason, most = 8): string {
  switch (reason.code) {
    case 'alreadyOn':
      return l10n.t('TLS 1.3 is on already.');
    case 'notStated':
      return l10n.t('Azure does not state the settings in a way that can be read. Refresh later.');
    case 'notConfirmed':
      return l10n.t(
        'That this setting can be changed is not confirmed by Microsoft’s API description; after a change it is read back and compared.',
      );
    case 'noRenegotiation':
      return l10n.t('The {0} tier has no renegotiation of client certificates.', reason.tier);
    case 'asking':
      return l10n.t(
        'Callers of {0} are asked for a certificate by renegotiation, and fail with TLS 1.3. An estimate; {1} of medium or high confidence.',
        operationCountText(reason.count, reason.atLeast),
        countText(reason.sure),
      );
    case 'mayAsk':
      return l10n.t(
        'Callers of {0} may be asked for a certificate by renegotiation, and then fail with TLS 1.3. An estimate of low confidence.',
        operationCountText(reason.count, reason.atLeast),
      );
    case 'noneAsking':
      return l10n.t('No operation is known to ask its callers for a certificate by renegotiation (estimate).');
    case 'askingIncomplete':
      return l10n.t('Not everything that tells of renegotiations was read: {0}', reason.sources.join(' '));
    case 'askingNotRead':
      return l10n.t('Whether operations ask for certificates by renegotiation was not looked at.');
    case 'seen13':
      return l10n.t(
        'Callers use TLS 1.3 already: {0} in the logs of the last {1} days.',
        requestsText(reason.requests),
        reason.days,
      );
    case 'trafficNotRead':
      return l10n.t('The logs say nothing of callers: they were not read, or none are kept.');
    case 'gatewayAccepts':
      return l10n.t('{0} accepted TLS 1.3 when it was probed on {1}.', reason.host, utcText(reason.at));
    case 'noBackends':
      return l10n.t('The instance calls no backend over TLS.');
    case 'backendsNotRead':
      return l10n.t('The backends were not read.');
    case 'unreadable':
      return l10n.t('The addresses of some backends cannot be read: {0}.', namesText(reason.titles, most));
    case 'selfHosted':
      return l10n.t(
        'Self-hosted gateways are set in their own containers, and were not looked at: {0}.',
        namesText(reason.names, most),
      );
    case 'selfHostedNotRead':
      return l10n.t(
        'Whether there are self-hosted gateways, which are set in their own containers, was not looked at.',
      );
    default:
      return hostsText(reason.code, reason.hosts, most);
  }
}

function hostsText(
  kind: Extract<ReadinessReason, { readonly hosts: unknown }>['code'],
  hosts: readonly string[],
  most: number,
): string {
  const names = namesText(hosts, most);
  switch (kind) {
    case 'notProbed':
      return l10n.t('Not probed: {0}.', names);
    case 'renegotiate':
      return l10n.t(
        'Ask the gateway for a certificate by renegotiation or after the handshake, which may fail with TLS 1.3: {0}.',
        names,
      );
    case 'mayRenegotiate':
      return l10n.t('Whether these ask for a certificate after the handshake was not seen: {0}.', names);
    case 'break':
      return l10n.t('Would stop connecting: {0}.', names);
    case 'outcomeUnknown':
      return l10n.t('Whether these would still connect is not known: {0}.', names);
    case 'without13':
      return l10n.t('Have no TLS 1.3 and go on with an earlier version: {0}.', names);
    case 'with13':
      return l10n.t('Accept TLS 1.3: {0}.', names);
    case 'probedEarlier':
      return l10n.t('Probed more than a day before the settings were read, and may have changed since: {0}.', names);
  }
}

export interface InstanceReadiness {
  readonly input: ReadinessInput;
  readonly sides: readonly SideReadiness[];
  /** Why something could not be read, in sentences. */
  readonly problems: readonly string[];
}

/**
 * @param failed instances of which nothing could be read, with the reason
 * @param at ISO 8601, UTC
 */
export function readinessDocument(
  ready: readonly InstanceReadiness[],
  failed: readonly { readonly name: string; readonly problem: string }[],
  at: string,
): string {
  const names = [...ready.map(({ input }) => input.instance.name), ...failed.map(({ name }) => name)];
  const title =
    names.length === 1
      ? l10n.t('TLS 1.3 readiness of {0}', foreign(names[0] ?? ''))
      : l10n.t('TLS 1.3 readiness of {0} instances', countText(names.length));
  const rows = ready.map(({ input: { instance }, sides }) => [
    code(instance.name),
    ...sides.map((side) => readinessVerdictText(side)),
  ]);
  return [
    ...heading(1, title),
    l10n.t('Put together on {0}. What is not known is never counted as a yes.', utcText(at)),
    '',
    ...table([l10n.t('Instance'), sideLabel('client'), sideLabel('backend')], rows),
    '',
    ...ready.flatMap(instancePart),
    ...(failed.length === 0
      ? []
      : [
          ...heading(2, l10n.t('Not read')),
          ...list(failed.map(({ name, problem }) => `${code(name)}: ${foreign(problem)}`)),
          '',
        ]),
  ].join('\n');
}

function instancePart({ input, sides, problems }: InstanceReadiness): readonly string[] {
  const { instance } = input;
  return [
    ...heading(2, foreign(instance.name)),
    ...list([code(instance.id), ...evidenceLines(input), ...problems.map(foreign)]),
    '',
    ...sides.flatMap((side) => sidePart(side)),
  ];
}

function sidePart(side: SideReadiness): readonly string[] {
  const reasons = side.reasons.map(
    (reason) => `**${weightText(reason.weight)}:** ${foreign(readinessReasonText(reason, Infinity))}`,
  );
  return [
    ...heading(3, `${sideLabel(side.side)}: ${readinessVerdictText(side)}`),
    ...(reasons.length === 0 ? [l10n.t('Nothing speaks for or against it.')] : list(reasons)),
    '',
  ];
}

function evidenceLines({ instance, traffic, asking, surveys }: ReadinessInput): readonly string[] {
  const moments = Object.values(surveys)
    .map(({ at }) => at)
    .sort();
  const [first, last] = [moments[0], moments.at(-1)];
  return [
    l10n.t('{0} tier; settings read on {1}', foreign(instance.tier), utcText(instance.readAt)),
    ...(traffic ? [l10n.t('Logs of the last {0} days, read on {1}', traffic.days, utcText(traffic.readAt))] : []),
    ...(asking
      ? [
          l10n.t(
            'Operations that ask for certificates: estimate of {0}, with the logs of {1} days',
            utcText(asking.readAt),
            asking.days,
          ),
        ]
      : []),
    ...(first === undefined || last === undefined ? [] : [probedText(moments.length, first, last)]),
  ];
}

function probedText(count: number, first: string, last: string): string {
  return count === 1
    ? l10n.t('1 host probed on {0}', utcText(first))
    : l10n.t('{0} hosts probed between {1} and {2}', countText(count), utcText(first), utcText(last));
}
