// A plan in a file: the block of data in its document, written and read. What comes from a file is never trusted: only
// the changes are taken from it, and the plan is made anew.

import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { plainText } from '../failure.ts';
import type { CustomProperties } from '../instance.ts';
import { draftChangesSchema } from './draft.ts';

/** How names of plan files end. */
export const planFileSuffix = '.apimtls.md';

/** The longest document that is read, in characters. */
export const longestPlanFile = 4_000_000;

const kind = 'apim-tls-plan';
const version = 1;
const opening = /^```json apim-tls-plan sha256=([0-9a-f]{64})[ \t]*$/;

const short = v.pipe(v.string(), v.maxLength(400));
const key = v.pipe(v.string(), v.maxLength(2000));
const value = v.pipe(v.string(), v.maxLength(100_000));
const long = v.pipe(v.string(), v.maxLength(4000));
const moment = v.pipe(v.string(), v.isoTimestamp());
/** In pairs: names that mean something to JavaScript are keys like any others. */
const map = v.pipe(v.array(v.tuple([key, value])), v.maxLength(1000));

/** What an evidence line of a host comes to, in words of the time when it was saved. */
const hostEvidence = v.object({ host: short, at: moment, verdict: short, answer: short });

const savedPlanSchema = v.object({
  kind: v.literal(kind),
  version: v.literal(version),
  savedAt: moment,
  /** sample: of the sample estate, which is no Azure. */
  estate: v.picklist(['azure', 'sample']),
  /** The cloud, by the address of its Azure Resource Manager (`cloudOf`); absent: not stated. */
  cloud: v.optional(short),
  /** The day of the rules of tiers that were gone by. */
  rulesOf: v.pipe(v.string(), v.isoDate()),
  instance: v.pipe(
    v.object({ id: short, name: short, tenantId: short, tier: short, createdAt: v.nullable(short) }),
    // What people are asked about by its name is what is opened by its id.
    v.check(({ id, name }) => id.toLowerCase().endsWith(`/${name.toLowerCase()}`), 'other'),
  ),
  base: v.object({ etag: v.nullable(short), readAt: moment, map }),
  changes: v.pipe(
    draftChangesSchema,
    v.check((changes) => Object.keys(changes).length > 0, 'empty'),
  ),
  map,
  /** about: the hosts, versions, settings or other things that a finding is of, to know it again. */
  findings: v.pipe(
    v.array(
      v.object({
        severity: v.picklist(['blocker', 'warning', 'note']),
        code: short,
        about: v.pipe(v.array(short), v.maxLength(5000)),
        text: long,
      }),
    ),
    v.maxLength(10_000),
  ),
  evidence: v.object({
    hosts: v.pipe(v.array(hostEvidence), v.maxLength(10_000)),
    /** Null: not read. */
    traffic: v.nullable(v.object({ days: v.number(), readAt: moment, state: short })),
  }),
});
export type SavedPlan = v.InferOutput<typeof savedPlanSchema>;
export type SavedFinding = SavedPlan['findings'][number];

/** What a new plan file needs to be given; the rest is the same for all. */
export type PlanToSave = Omit<SavedPlan, 'kind' | 'version'>;

/** SHA-256 of a text in UTF-8, in lower-case hexadecimal. */
export type Digest = (text: string) => string;

/** The part of an address by which clouds are told apart: scheme, host and port; empty where it is none. */
export function cloudOf(url: string): string {
  return /^https:\/\/[^/?#]+/i.exec(url)?.[0].toLowerCase() ?? '';
}

/** A map as a file holds it. */
export function pairsOf(held: CustomProperties): [string, string][] {
  return Object.entries(held);
}

export function mapOf(pairs: readonly (readonly [string, string])[]): CustomProperties {
  return Object.fromEntries(pairs);
}

/** JSON that can stand in a fenced block: nothing in it ends the block, is HTML, or turns the direction of writing. */
export function fencedJson(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replaceAll(
    /[`<>\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    escaped,
  );
}

/** The block of data at the end of a plan's document. Its checksum is that of the value: formatters may lay it out anew. */
export function planBlock(plan: PlanToSave, digest: Digest): readonly string[] {
  const value = { kind, version, ...cut(plan) };
  return [`\`\`\`json ${kind} sha256=${digest(JSON.stringify(value))}`, ...fencedJson(value).split('\n'), '```'];
}

/** Texts of findings are for people: one that is too long is cut, so that the file can be read again. */
function cut(plan: PlanToSave): PlanToSave {
  const within = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  return {
    ...plan,
    findings: plan.findings.map((finding) => ({
      ...finding,
      about: finding.about.map((about) => within(about, 400)),
      text: within(finding.text, 4000),
    })),
    evidence: {
      ...plan.evidence,
      hosts: plan.evidence.hosts.map((host) => ({ ...host, answer: within(host.answer, 400) })),
    },
  };
}

export type ReadPlan =
  | { readonly ok: true; readonly plan: SavedPlan }
  /** In a sentence: what is the matter, where, and what to do. `limit`: the same for whoever is about to write it. */
  | { readonly ok: false; readonly problem: string; readonly limit?: string };

const no = (problem: string): ReadPlan => ({ ok: false, problem });

/** Why a document that is about to be written could not be opened again, in a sentence; null: it could. */
export function unreadableText(text: string, digest: Digest): string | null {
  const read = readPlanFile(text, digest);
  return read.ok ? null : (read.limit ?? read.problem);
}

/** Whether a document looks like that of a plan, sound or not. */
export function holdsPlan(text: string): boolean {
  return text.includes(`\`\`\`json ${kind} `);
}

/** The plan in a document. Never throws, whatever the text is. */
export function readPlanFile(text: string, digest: Digest): ReadPlan {
  if (text.length > longestPlanFile)
    return {
      ok: false,
      problem: l10n.t(
        'The document has {0} characters, and a plan at most {1}. It is not a plan; choose another file.',
        text.length,
        longestPlanFile,
      ),
      limit: l10n.t('It would have {0} characters, and at most {1} are read.', text.length, longestPlanFile),
    };
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, at) => (opening.test(line) ? [at] : []));
  const [start] = starts;
  if (start === undefined)
    return no(
      l10n.t(
        'There is no plan in this document: the block that begins with ```json apim-tls-plan is missing or damaged. Choose a file that was written by Save plan as..., or ask for it again.',
      ),
    );
  if (starts.length > 1)
    return no(
      l10n.t(
        'There are {0} plans in this document (lines {1}). Leave one of them in it, then open it again.',
        starts.length,
        starts.map((at) => at + 1).join(', '),
      ),
    );
  const end = lines.findIndex((line, at) => at > start && /^```[ \t]*$/.test(line));
  if (end < 0)
    return no(
      l10n.t('The block of data in line {0} has no end: the document was cut off. Ask for it again.', start + 1),
    );
  const json = lines.slice(start + 1, end).join('\n');
  const held = heldIn(json);
  if (held === undefined)
    return no(l10n.t('The block of data in line {0} is not JSON. Ask for the file again.', start + 1));
  if (digest(held.text) !== opening.exec(lines[start] ?? '')?.[1])
    return no(
      l10n.t(
        'The block of data from line {0} on is not as it was saved: it was changed or damaged since. Ask for the file again, or make the plan anew.',
        start + 1,
      ),
    );
  return readBlock(held.value, start + 1);
}

/** The value of a block with the text that its checksum is of; undefined where it is no JSON, or nested beyond measure. */
function heldIn(json: string): { readonly value: unknown; readonly text: string } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return { value, text: JSON.stringify(value) };
  } catch {
    return undefined;
  }
}

function readBlock(value: unknown, line: number): ReadPlan {
  const stated = v.safeParse(v.object({ kind: v.literal(kind), version: v.number() }), value);
  if (!stated.success)
    return no(
      l10n.t('The block of data in line {0} is not a plan. Choose a file that was written by Save plan as...', line),
    );
  if (stated.output.version !== version)
    return no(
      l10n.t(
        'The plan is of format {0}; this version of the extension reads format {1}. Update the extension, then open it again.',
        stated.output.version,
        version,
      ),
    );
  const parsed = v.safeParse(savedPlanSchema, value, { abortEarly: true });
  if (parsed.success) return { ok: true, plan: parsed.output };
  const [issue] = parsed.issues;
  return { ok: false, problem: issueText(issue, line), limit: limitText(issue) };
}

function limitText(issue: v.BaseIssue<unknown>): string {
  const place = plainText(v.getDotPath(issue) ?? '', 100);
  if (issue.type === 'max_length')
    return l10n.t(
      '“{0}” would have the length {1}, and at most {2} is read.',
      place,
      plainText(issue.received, 20),
      String(issue.requirement),
    );
  if (issue.message === 'empty') return l10n.t('It would change nothing.');
  return l10n.t('“{0}” is not as a plan holds it: {1}.', place, plainText(issue.received, 100));
}

function issueText(issue: v.BaseIssue<unknown>, line: number): string {
  const place = plainText(v.getDotPath(issue) ?? '', 100);
  const [first, second] = issue.path ?? [];
  if (first?.key === 'changes' && second !== undefined)
    return l10n.t(
      'The plan changes “{0}”, which this version of the extension does not know. Update the extension, then open it again.',
      plainText(String(second.key), 100),
    );
  if (first?.key === 'changes' && issue.message === 'empty')
    return l10n.t('The plan changes nothing, so there is nothing to check. Make a plan anew.');
  return l10n.t(
    'In the block of data from line {0} on, “{1}” is missing or not as it should be. Ask for the file again, or make the plan anew.',
    line,
    place,
  );
}
