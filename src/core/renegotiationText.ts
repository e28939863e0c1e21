// The estimate of renegotiations in words, and as a table for other programs. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { csvFile, spreadsheetSafe } from './csv.ts';
import type { EffectiveAsk } from './effectivePolicy.ts';
import type { FailureDetails } from './failure.ts';
import { failureSentence } from './failureText.ts';
import { isCertain } from './policyFacts.ts';
import type { CertificateAsked } from './policyFacts.ts';
import type { Confidence, HostTraffic, RenegotiationRow, RenegotiationSource } from './renegotiation.ts';
import { utcText } from './tls/planText.ts';
import { hasRows } from './traffic.ts';
import { countText, requestsText, seenVersionText, trafficStateText } from './trafficText.ts';

/** How sure a reader may be of a source. */
export type SourceTone = 'good' | 'note' | 'missing';

export interface SourceLine {
  readonly tone: SourceTone;
  readonly text: string;
}

export function confidenceText(confidence: Confidence): string {
  return { high: l10n.t('High'), medium: l10n.t('Medium'), low: l10n.t('Low') }[confidence];
}

/** "1 operation", "at least 12 operations". */
export function operationCountText(count: number, atLeast: boolean): string {
  if (count === 1) return atLeast ? l10n.t('at least 1 operation') : l10n.t('1 operation');
  return atLeast ? l10n.t('at least {0} operations', countText(count)) : l10n.t('{0} operations', countText(count));
}

export function operationText({ covers, operation }: Pick<RenegotiationRow, 'covers' | 'operation'>): string {
  if (covers === 'all') return l10n.t('All operations');
  if (covers === 'other') return l10n.t('All other operations');
  return covers === 'none' ? l10n.t('No operation matched') : operation;
}

export function hostText({ host, foreignHost }: Pick<RenegotiationRow, 'host' | 'foreignHost'>): string {
  if (host === '') return l10n.t('Not in the log');
  return foreignHost ? l10n.t('{0} (not configured)', host) : host;
}

export function versionText(version: RenegotiationRow['version']): string {
  return version === null ? l10n.t('Traffic not known') : seenVersionText(version);
}

/** "Product policy (Partners), fragment require-cert: context.Request.Certificate, for some requests". */
export function askText(ask: EffectiveAsk): string {
  const scope = scopeText(ask);
  const inside = ask.fragment === '' ? scope : l10n.t('{0}, fragment {1}', scope, ask.fragment);
  const where = ask.namedValue === '' ? inside : l10n.t('{0}, named value {1}', inside, ask.namedValue);
  const asks = isCertain(ask.what) ? `${where}: ${ask.what}` : suspicionText(where, ask.what);
  return ask.conditional ? l10n.t('{0}, for some requests', asks) : asks;
}

function suspicionText(where: string, what: CertificateAsked): string {
  if (what === 'context.Request') return l10n.t('{0}: may ask, as {1} is handed on', where, what);
  return what === 'context.Variables'
    ? l10n.t('{0}: may ask, as a certificate comes out of a variable', where)
    : l10n.t('{0}: may ask, as a template has {1}', where, what);
}

function scopeText({ scope, product }: EffectiveAsk): string {
  switch (scope) {
    case 'global':
      return l10n.t('Policy of all APIs');
    case 'product':
      return l10n.t('Policy of the product {0}', product);
    case 'api':
      return l10n.t('Policy of the API');
    case 'operation':
      return l10n.t('Policy of the operation');
  }
}

/** What a row rests on, one entry each. */
export function rowSources(row: RenegotiationRow): string[] {
  return [
    ...row.asks.map(askText),
    ...(row.version === null ? [] : [l10n.t('Gateway logs')]),
    ...(row.advised ? [l10n.t('Azure Advisor: renegotiation blocked')] : []),
  ];
}

export function sourceLine(source: RenegotiationSource): SourceLine[] {
  switch (source.kind) {
    case 'tier':
      return [
        {
          tone: 'note',
          text: l10n.t('Does not apply: the {0} tier has no client certificate renegotiation.', source.tier),
        },
      ];
    case 'hosts':
      return [hostsLine(source)];
    case 'policies':
      return policyLines(source);
    case 'gaps':
      return [gapLine(source)];
    case 'logs':
      return logLines(source.traffic, source.withoutVersion);
    case 'advisor':
      return [adviceLine(source)];
  }
}

function hostsLine({ asking }: Extract<RenegotiationSource, { kind: 'hosts' }>): SourceLine {
  if (asking.length === 0)
    return {
      tone: 'good',
      text: l10n.t('Host names: every one asks for the certificate in the first handshake, so none renegotiates.'),
    };
  return {
    tone: 'good',
    text: l10n.t('Host names that do not ask for the certificate in the first handshake: {0}', asking.join(', ')),
  };
}

function policyLines(source: Extract<RenegotiationSource, { kind: 'policies' }>): SourceLine[] {
  const { read, unread, left, why, notListed } = source;
  const lines: SourceLine[] = [];
  if (notListed !== null)
    lines.push({
      tone: 'missing',
      text: l10n.t(
        'Policies: Azure does not say which operations have one, so only those in the logs were asked for. {0}',
        failureSentence(notListed),
      ),
    });
  const total = read + unread;
  if (total === 0 && notListed === null) lines.push({ tone: 'good', text: l10n.t('Policies: there are none.') });
  else if (unread === 0 && notListed === null)
    lines.push({
      tone: 'good',
      text:
        total === 1
          ? l10n.t('Policies: the only one was read.')
          : l10n.t('Policies: all {0} were read.', countText(total)),
    });
  else if (unread > 0 && left === unread)
    lines.push({
      tone: 'missing',
      text: l10n.t(
        'Policies: {0} of {1} were not read yet, to spare Azure. Those of all APIs, of products and of APIs come before those of operations.',
        countText(left),
        countText(total),
      ),
    });
  else if (unread > 0)
    lines.push({
      tone: 'missing',
      text: l10n
        .t(
          'Policies: {0} of {1} could not be read. {2}',
          countText(unread),
          countText(total),
          why === null ? '' : failureSentence(why),
        )
        .trim(),
    });
  return [...lines, ...furtherPolicyLines(source)];
}

function furtherPolicyLines({ malformed, leftOut }: Extract<RenegotiationSource, { kind: 'policies' }>): SourceLine[] {
  const lines: SourceLine[] = [];
  if (malformed > 0)
    lines.push({
      tone: 'missing',
      text: l10n.t('Policies: the text of {0} could not be understood.', countText(malformed)),
    });
  if (leftOut.workspaces > 0)
    lines.push({
      tone: 'note',
      text: leftOutText(leftOut.workspaces, 'workspaces'),
    });
  if (leftOut.revisions > 0)
    lines.push({
      tone: 'note',
      text: leftOutText(leftOut.revisions, 'revisions'),
    });
  return lines;
}

function leftOutText(count: number, what: 'workspaces' | 'revisions'): string {
  const many = count === 1 ? l10n.t('1 policy') : l10n.t('{0} policies', countText(count));
  return what === 'workspaces'
    ? l10n.t('Left out: {0} of workspaces, which run on gateways of their own.', many)
    : l10n.t('Left out: {0} of other revisions of APIs.', many);
}

/** Longer lists of names are cut. */
const mostNames = 20;

function gapLine({ what, names }: Extract<RenegotiationSource, { kind: 'gaps' }>): SourceLine {
  const shown = names.slice(0, mostNames).join(', ');
  const list = names.length > mostNames ? l10n.t('{0} and {1} more', shown, names.length - mostNames) : shown;
  const text =
    what === 'fragment'
      ? l10n.t('Policy fragments that could not be read, so what they ask for is not known: {0}', list)
      : what === 'namedValue'
        ? l10n.t(
            'Named values in these policies that are secret, in a Key Vault or missing, so what they stand for is not known: {0}',
            list,
          )
        : l10n.t('Products of which the APIs could not be read, taken to have every API: {0}', list);
  return { tone: 'missing', text };
}

function logLines(traffic: HostTraffic | FailureDetails, withoutVersion: number): SourceLine[] {
  if ('code' in traffic)
    return [{ tone: 'missing', text: l10n.t('Gateway logs: not read. {0}', failureSentence(traffic)) }];
  if (!hasRows(traffic))
    return [
      {
        tone: traffic.state === 'noData' ? 'note' : 'missing',
        text: l10n.t('Gateway logs: {0}', trafficStateText(traffic)),
      },
    ];
  const lines: SourceLine[] = [
    traffic.state === 'read'
      ? { tone: 'good', text: l10n.t('Gateway logs: the last {0} days were read.', traffic.days) }
      : { tone: 'missing', text: l10n.t('Gateway logs: {0}', trafficStateText(traffic)) },
  ];
  if (traffic.cut)
    lines.push({ tone: 'missing', text: l10n.t('Gateway logs: there is more than was read; the latest was read.') });
  if (withoutVersion > 0)
    lines.push({
      tone: 'note',
      text: l10n.t('Gateway logs: {0} without a TLS version that is known here.', requestsText(withoutVersion)),
    });
  return lines;
}

function adviceLine({ advice }: Extract<RenegotiationSource, { kind: 'advisor' }>): SourceLine {
  if (advice.state === 'failed')
    return { tone: 'missing', text: l10n.t('Azure Advisor: not read. {0}', failureSentence(advice.why)) };
  if (!advice.found)
    return { tone: 'good', text: l10n.t('Azure Advisor: no recommendation on blocked TLS renegotiation.') };
  const text =
    advice.hosts.length === 0
      ? l10n.t('Azure Advisor: TLS renegotiation was blocked; no host name is stated.')
      : l10n.t('Azure Advisor: TLS renegotiation was blocked for {0}.', advice.hosts.join(', '));
  const when = advice.updated === null ? '' : l10n.t('Its recommendation is of {0}.', utcText(advice.updated));
  return { tone: 'good', text: `${text} ${when}`.trim() };
}

/** A row in the words of the page. @param moment how a moment is written */
export function rowCells(row: RenegotiationRow, moment: (iso: string) => string): string[] {
  return [
    row.api,
    operationText(row),
    hostText(row),
    versionText(row.version),
    row.requests === null ? l10n.t('Not known') : String(row.requests),
    row.callers === null ? l10n.t('Not known') : String(row.callers),
    row.lastSeen === null ? l10n.t('Not known') : moment(row.lastSeen),
    confidenceText(row.confidence),
    rowSources(row).join('; '),
  ];
}

export function columnTexts(): string[] {
  return [
    l10n.t('API'),
    l10n.t('Operation'),
    l10n.t('Host'),
    l10n.t('TLS version'),
    l10n.t('Requests'),
    l10n.t('Callers'),
    l10n.t('Last seen'),
    l10n.t('Confidence'),
    l10n.t('Sources'),
  ];
}

/** Moments in ISO 8601. */
export function renegotiationCsv(rows: readonly RenegotiationRow[]): string {
  return csvFile([columnTexts(), ...rows.map((row) => rowCells(row, (iso) => iso))]);
}

/** For the clipboard: columns by tabs, as spreadsheets and mails take them. */
export function renegotiationTable(rows: readonly RenegotiationRow[]): string {
  const plain = (cell: string) => spreadsheetSafe(cell.replace(/[\t\r\n]+/g, ' '));
  const lines = [columnTexts(), ...rows.map((row) => rowCells(row, (iso) => iso))];
  return `${lines.map((cells) => cells.map(plain).join('\t')).join('\n')}\n`;
}
