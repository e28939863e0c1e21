// A plan as a document: what changes, why it is allowed, who is affected, the evidence with its time stamps, the exact
// request, and the block of data by which it is opened again.

import * as l10n from '@vscode/l10n';
import type { AskingOperations } from '../askingOperations.ts';
import type { BackendTraffic } from '../backendTraffic.ts';
import { findingText } from '../findingText.ts';
import type { Severity } from '../finding.ts';
import { code, heading, list, table } from '../markdown.ts';
import { settingLabel, unconfirmedText, unlockedText, valueText } from '../settingText.ts';
import { changeCountText, severityText, timeCostText } from '../wording.ts';
import { originText } from '../settingText.ts';
import { catalogDate, protocolFacts, sources, suiteFacts } from './catalog.ts';
import type { SourceId, TierFact } from './catalog.ts';
import { shortKey } from './customProperties.ts';
import type { Change, DraftChanges } from './draft.ts';
import { findingAbout } from './findingKeys.ts';
import { blockersOf, makePlan } from './plan.ts';
import type { Plan, PlanInput } from './plan.ts';
import { affectedSection, evidenceSection, hostLines } from './planEvidence.ts';
import { cloudOf, fencedJson, pairsOf, planBlock } from './planFile.ts';
import type { Digest, PlanToSave } from './planFile.ts';
import { foreign, utcText } from './planText.ts';
import { isConfirmed, settingById } from './settings.ts';
import { tierRules } from './tiers.ts';

/** What a plan goes by besides the settings of the instance and the probes. */
export type EvidenceSource = 'backends' | 'seen' | 'traffic' | 'asking';

export interface PlanDocumentInput extends PlanInput {
  /** Null: not read. */
  readonly asking: AskingOperations | null;
  /** When the backends were read: ISO 8601, UTC. */
  readonly backendsReadAt?: string | null;
  /** What the logs say of backends; null: not read. */
  readonly seen?: BackendTraffic | null;
  /** Why a source could not be read, in a sentence. */
  readonly notRead?: Readonly<Partial<Record<EvidenceSource, string>>>;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  readonly estate: 'azure' | 'sample';
  /** What would be sent; url with its api-version. */
  readonly request: { readonly method: string; readonly url: string };
}

/** The whole document. Pure: the same input gives the same text. */
export function planDocument(input: PlanDocumentInput, digest: Digest): string {
  const plan = makePlan(input);
  return [
    ...head(input, plan),
    ...instanceSection(input),
    ...changesSection(plan),
    ...allowedSection(input, plan),
    ...findingsSection(plan),
    ...affectedSection(input, plan),
    ...evidenceSection(input, plan),
    ...requestSection(input, plan),
    ...heading(2, l10n.t('Data')),
    l10n.t('By this block the plan is opened again. It must stay as it is; everything above is for people.'),
    '',
    ...planBlock(planToSave(input, plan), digest),
    '',
  ].join('\n');
}

/** The part of a plan that is kept as data. */
export function planToSave(input: PlanDocumentInput, plan: Plan): PlanToSave {
  const { instance, traffic } = input;
  return {
    savedAt: input.savedAt,
    estate: input.estate,
    cloud: cloudOf(input.request.url),
    rulesOf: catalogDate,
    instance: {
      id: instance.id,
      name: instance.name,
      tenantId: instance.tenantId,
      tier: instance.tier,
      createdAt: instance.createdAt,
    },
    base: { etag: plan.base.etag, readAt: instance.readAt, map: pairsOf(plan.base.map) },
    changes: { ...(input.changes as Record<string, DraftChanges['client.tls10'] & string>) },
    map: pairsOf(plan.map),
    findings: plan.findings.map((finding) => ({
      severity: finding.severity,
      code: finding.code,
      about: [...findingAbout(finding)],
      text: findingText(finding),
    })),
    evidence: {
      hosts: hostLines(input, plan),
      traffic: traffic ? { days: traffic.days, readAt: traffic.readAt, state: traffic.state } : null,
    },
  };
}

function head({ instance, savedAt, estate }: PlanDocumentInput, plan: Plan): readonly string[] {
  const count = (severity: Severity) => plan.findings.filter((finding) => finding.severity === severity).length;
  const blockers = blockersOf(plan).length;
  return [
    ...heading(1, l10n.t('TLS plan for {0}', foreign(instance.name))),
    `**${changeCountText(plan.changes.length)}. ${
      blockers === 0
        ? l10n.t('Nothing speaks against it that would block it.')
        : blockers === 1
          ? l10n.t('1 blocker.')
          : l10n.t('{0} blockers.', blockers)
    }**`,
    '',
    ...list([
      l10n.t('Saved on {0}', utcText(savedAt)),
      l10n.t('Blockers: {0}, warnings: {1}, notes: {2}', blockers, count('warning'), count('note')),
      ...(estate === 'sample' ? [l10n.t('Of the sample estate: no real service is meant.')] : []),
      l10n.t(
        'Nothing is applied from this file. Open it with the command “Open plan...” of API Management TLS: it reads the instance again, probes again, and makes the plan anew.',
      ),
    ]),
    '',
  ];
}

function instanceSection({ instance }: PlanDocumentInput): readonly string[] {
  const rows: readonly (readonly [what: string, value: string])[] = [
    [l10n.t('Name'), code(instance.name)],
    [l10n.t('Resource ID'), code(instance.id)],
    [l10n.t('Tenant'), code(instance.tenantId)],
    [l10n.t('Tier'), `${code(instance.tier)}, ${l10n.t('{0} units', instance.units)}`],
    [l10n.t('Regions'), [instance.location, ...instance.otherRegions].map(code).join(', ')],
    [l10n.t('Created'), instance.createdAt === null ? l10n.t('not stated') : utcText(instance.createdAt)],
    [l10n.t('Settings read'), utcText(instance.readAt)],
    [l10n.t('ETag'), instance.etag === null ? l10n.t('not stated') : code(instance.etag)],
  ];
  // A list, as the id is long: as text, a table would be broken over and over.
  return [...heading(2, l10n.t('Instance')), ...list(rows.map(([what, value]) => `${what}: ${value}`)), ''];
}

function changesSection(plan: Plan): readonly string[] {
  const state = ({ from, to }: Change, which: 'from' | 'to') => {
    const one = which === 'from' ? from : to;
    const [value, origin] = [valueText(one), originText(one)];
    return foreign(value.toLowerCase() === origin.toLowerCase() ? value : `${value} (${origin})`);
  };
  const settingRows = plan.changes.map((change) => [
    settingLabel(change.id),
    state(change, 'from'),
    state(change, 'to'),
  ]);
  const text = (held: string | null) => (held === null ? l10n.t('left out') : code(held));
  const keyRows = plan.keyChanges.map(({ key, before, after }) => [code(shortKey(key)), text(before), text(after)]);
  return [
    ...heading(2, l10n.t('What changes')),
    ...table([l10n.t('Setting'), l10n.t('Now'), l10n.t('Planned')], settingRows),
    '',
    l10n.t('In keys of the map, without the part that all share:'),
    '',
    ...table([l10n.t('Key'), l10n.t('Now'), l10n.t('Written')], keyRows),
    '',
  ];
}

/** The source by which a setting is known. */
function sourceOf(id: Change['id']): SourceId | undefined {
  const name = id.startsWith('cipher.') ? id.slice('cipher.'.length) : undefined;
  return protocolFacts.find((fact) => fact.id === id)?.source ?? suiteFacts.find((fact) => fact.name === name)?.source;
}

function suitesReason({ ciphersChangeable, confirmed }: TierFact, tier: string): string {
  if (!ciphersChangeable)
    return l10n.t('By the documentation, the {0} tier does not let cipher suites be changed.', tier);
  return confirmed
    ? l10n.t('The {0} tier lets cipher suites be changed, but for those that the platform requires.', tier)
    : l10n.t('Whether the {0} tier lets cipher suites be changed is not confirmed.', tier);
}

function allowedSection({ instance }: PlanDocumentInput, plan: Plan): readonly string[] {
  const rules = tierRules(instance.tier);
  const tier = foreign(instance.tier);
  const reasons = [
    rules.family === 'unknown'
      ? l10n.t('The tier {0} is not known to this version: nothing is locked, nothing is confirmed.', tier)
      : rules.confirmed
        ? l10n.t('The {0} tier lets protocols be changed.', tier)
        : l10n.t('Whether the {0} tier takes changes of protocols is not confirmed.', tier),
    suitesReason(rules, tier),
    foreign(timeCostText(instance.tier)),
  ];
  const rows = plan.changes.map(({ id, to }) => {
    const setting = settingById(id);
    const confirmed = setting !== undefined && isConfirmed(setting, instance.tier);
    const source = sourceOf(id);
    return [
      settingLabel(id),
      foreign(to.unlocked ? unlockedText(to, instance.tier) : confirmed ? l10n.t('Documented') : unconfirmedText(id)),
      source === undefined ? '' : foreign(sources[source].title),
    ];
  });
  const used = [...new Set([...rules.sources, ...plan.changes.flatMap(({ id }) => sourceOf(id) ?? [])])];
  return [
    ...heading(2, l10n.t('Why it is allowed')),
    ...list(reasons),
    '',
    ...table([l10n.t('Setting'), l10n.t('Whether it can be changed'), l10n.t('Source')], rows),
    '',
    l10n.t('Sources, last read on {0}:', catalogDate),
    '',
    ...list(used.map((id) => `${foreign(sources[id].title)}: <${sources[id].url}>`)),
    '',
  ];
}

function findingsSection(plan: Plan): readonly string[] {
  const part = (severity: Severity) => {
    const own = plan.findings.filter((finding) => finding.severity === severity);
    if (own.length === 0) return [];
    return [...heading(3, severityText(severity)), ...list(own.map((finding) => foreign(findingText(finding)))), ''];
  };
  return [
    ...heading(2, l10n.t('Findings')),
    ...(plan.findings.length === 0 ? [l10n.t('None.'), ''] : []),
    ...part('blocker'),
    ...part('warning'),
    ...part('note'),
  ];
}

function requestSection({ instance, request }: PlanDocumentInput, plan: Plan): readonly string[] {
  return [
    ...heading(2, l10n.t('Exact request')),
    l10n.t('As it would be sent if the instance were still as it was when the settings were read.'),
    '',
    '```http',
    // A line that could end the block would have to hold a backtick, and addresses have none.
    `${request.method} ${request.url.replaceAll('`', '%60')}`,
    'Content-Type: application/json',
    '```',
    '',
    '```json',
    ...(instance.customProperties === null
      ? ['null']
      : fencedJson({ properties: { customProperties: plan.map } }).split('\n')),
    '```',
    '',
  ];
}
