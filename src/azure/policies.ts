// Takes a policy text apart: what asks the client for a certificate, what it includes, what it inherits, what it calls.

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { certificateUse, certificateVariablesIn } from '../core/policyExpressions.ts';
import { namedValuesIn, policySections } from '../core/policyFacts.ts';
import type {
  BackendCall,
  CertificateAsk,
  NamedUse,
  PolicyFacts,
  PolicyPlace,
  PolicyStep,
} from '../core/policyFacts.ts';
import { asRecord, asText } from './json.ts';

/** Entities are left as they are: expanding those that a text brings itself is how XML bombs work. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  preserveOrder: true,
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  commentPropName: '#comment',
});

interface Finds {
  readonly sections: PolicyFacts['sections'][number][];
  readonly asks: CertificateAsk[];
  readonly fragments: NamedUse[];
  readonly bases: PolicyPlace[];
  readonly backends: BackendCall[];
  readonly steps: PolicyStep[];
  readonly namedValues: NamedUse[];
  readonly certificateVariables: NamedUse[];
  readonly variablesSet: string[];
}

function noFinds(): Finds {
  return {
    sections: [],
    asks: [],
    fragments: [],
    bases: [],
    backends: [],
    steps: [],
    namedValues: [],
    certificateVariables: [],
    variablesSet: [],
  };
}

/**
 * A policy or a fragment as Azure gives it with format=xml; null where it is no such text. `authentication-certificate`
 * and `context.Deployment.Certificates` ask no client: they are of the backend's side and the service's own.
 */
export function parsePolicy(xml: string): PolicyFacts | null {
  const finds = noFinds();
  if (xml.trim() === '') return finds;
  try {
    if (XMLValidator.validate(xml) !== true) return null;
    visitAll(parser.parse(xml), { section: null, conditional: false }, finds);
  } catch {
    return null;
  }
  return {
    sections: [...new Set(finds.sections)],
    asks: distinct(finds.asks),
    fragments: distinct(finds.fragments),
    bases: distinct(finds.bases),
    backends: distinct(finds.backends),
    steps: finds.steps,
    namedValues: distinct(finds.namedValues),
    certificateVariables: distinct(finds.certificateVariables),
    variablesSet: [...new Set(finds.variablesSet)],
  };
}

function distinct<One>(finds: readonly One[]): One[] {
  return [...new Map(finds.map((find) => [JSON.stringify(find), find])).values()];
}

function visitAll(nodes: unknown, place: PolicyPlace, finds: Finds): void {
  if (!Array.isArray(nodes)) return;
  for (const node of nodes as readonly unknown[]) {
    for (const [name, content] of Object.entries(asRecord(node))) {
      if (name === '#text') readText(asText(content) ?? '', place, finds);
      else if (name !== ':@' && !name.startsWith('#') && !name.startsWith('?'))
        visit({ name, content, attributes: asRecord(asRecord(node)[':@']) }, place, finds);
    }
  }
}

interface Element {
  readonly name: string;
  readonly content: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

function visit(element: Element, place: PolicyPlace, finds: Finds): void {
  const { name, content, attributes } = element;
  for (const value of Object.values(attributes)) readText(asText(value) ?? '', place, finds);
  const attribute = (key: string) => decoded(asText(attributes[key]) ?? '');
  if (name === 'validate-client-certificate') finds.asks.push({ what: name, ...place });
  if (name === 'include-fragment') finds.fragments.push({ name: attribute('fragment-id'), ...place });
  if (name === 'set-variable') finds.variablesSet.push(attribute('name'));
  if (name === 'base') finds.bases.push(place);
  if (name === 'forward-request') finds.backends.push({ kind: 'forward', text: '', ...place });
  if (name === 'set-backend-service')
    for (const [kind, key] of [['baseUrl', 'base-url'] as const, ['backendId', 'backend-id'] as const])
      if (attribute(key) !== '') finds.backends.push({ kind, text: attribute(key), ...place });
  if (name === 'send-request' || name === 'send-one-way-request') return visitRequest(content, place, finds);
  finds.steps.push(...stepsOf(name, attribute).map((step) => ({ ...step, ...place })));
  if (name === 'set-body' && attribute('template').toLowerCase() === 'liquid')
    return visitTemplate(content, place, finds);
  if (name === 'choose') return visitBranches(content, place, finds);
  const section = place.section === null ? policySections.find((one) => one === name) : undefined;
  if (section === undefined) return visitAll(content, place, finds);
  finds.sections.push(section);
  visitAll(content, { section, conditional: place.conditional }, finds);
}

function stepsOf(name: string, attribute: (key: string) => string): Step[] {
  const stated = (kind: PolicyStep['kind'], key: string) =>
    attribute(key).trim() === '' ? [] : [{ kind, text: attribute(key).trim() }];
  switch (name) {
    case 'base':
      return [{ kind: 'base', text: '' }];
    case 'include-fragment':
      return [{ kind: 'fragment', text: attribute('fragment-id') }];
    case 'set-backend-service':
      return [...stated('baseUrl', 'base-url'), ...stated('backendId', 'backend-id')];
    case 'rewrite-uri':
      return stated('rewrite', 'template');
    case 'authentication-certificate':
      return presents(attribute) ? [{ kind: 'certificate', text: '' }] : [];
    default:
      return [];
  }
}

function presents(attribute: (key: string) => string): boolean {
  return ['thumbprint', 'certificate-id', 'body'].some((key) => attribute(key).trim() !== '');
}

/** A request that a policy sends by itself: what stands in it changes nothing of the other one. */
function visitRequest(content: unknown, place: PolicyPlace, finds: Finds): void {
  const before = finds.steps.length;
  visitAll(content, place, finds);
  const inside = finds.steps.splice(before);
  const certificate = inside.some(({ kind }) => kind === 'certificate') ? { certificate: true as const } : {};
  for (const text of urlsIn(content)) finds.backends.push({ kind: 'requestUrl', text, ...certificate, ...place });
}

/** The condition of the first branch is looked at by every request; those of the others only where no earlier one holds. */
function visitBranches(content: unknown, place: PolicyPlace, finds: Finds): void {
  const within = { ...place, conditional: true };
  const branches = (Array.isArray(content) ? (content as readonly unknown[]) : []).flatMap((node) => {
    const branch = asRecord(node);
    const name = Object.keys(branch).find((key) => key === 'when' || key === 'otherwise');
    return name === undefined ? [] : [{ name, content: branch[name], attributes: asRecord(branch[':@']) }];
  });
  const [choice, certificate] = stepsOfAll(branches);
  finds.steps.push(...choice.map((step) => ({ ...step, ...place })));
  branches.forEach((branch, index) => {
    readText(asText(branch.attributes['condition']) ?? '', index === 0 ? place : within, finds);
    visitAll(branch.content, within, finds);
  });
  finds.steps.push(...certificate.map((step) => ({ ...step, ...place })));
}

type Step = Pick<PolicyStep, 'kind' | 'text'>;

/** What comes of branches one of which is taken, where each does the same directly: before them, and after them. */
function stepsOfAll(branches: readonly Element[]): readonly [choice: readonly Step[], certificate: readonly Step[]] {
  if (branches.every(({ name }) => name !== 'otherwise')) return [[], []];
  const kinds = branches.map(({ content }) => directSteps(content).map(({ kind }) => kind));
  const everyHas = (...wanted: readonly Step['kind'][]) =>
    kinds.every((own) => own.some((kind) => wanted.includes(kind)));
  const byId = kinds.every((own) => !own.includes('baseUrl'));
  return [
    everyHas('baseUrl', 'backendId') ? [{ kind: 'backendChoice', text: byId ? 'backendId' : '' }] : [],
    everyHas('certificate') ? [{ kind: 'certificate', text: '' }] : [],
  ];
}

function directSteps(content: unknown): Step[] {
  return (Array.isArray(content) ? (content as readonly unknown[]) : []).flatMap((node) => {
    const attributes = asRecord(asRecord(node)[':@']);
    const attribute = (key: string) => decoded(asText(attributes[key]) ?? '');
    return Object.keys(asRecord(node)).flatMap((name) => stepsOf(name, attribute));
  });
}

/** In a Liquid template, names of the body and of the context stand as named values do elsewhere. */
function visitTemplate(content: unknown, place: PolicyPlace, finds: Finds): void {
  const before = finds.namedValues.length;
  visitAll(content, place, finds);
  finds.namedValues.push(...finds.namedValues.splice(before).filter(({ name }) => !/^(?:body|context)\b/i.test(name)));
}

/** As it stands in a Liquid template; elsewhere no name is like it. */
const templateAsk = /\{[{%][^}]*\bcontext\.Request\.ClientCertificates\b/i;

function readText(raw: string, place: PolicyPlace, finds: Finds): void {
  if (raw === '') return;
  const text = decoded(raw);
  const use = certificateUse(text);
  if (use !== 'none')
    finds.asks.push({ what: use === 'asks' ? 'context.Request.Certificate' : 'context.Request', ...place });
  if (templateAsk.test(text)) finds.asks.push({ what: 'context.Request.ClientCertificates', ...place });
  for (const name of certificateVariablesIn(text)) finds.certificateVariables.push({ name, ...place });
  for (const name of namedValuesIn(text)) finds.namedValues.push({ name, ...place });
}

/** The texts of `set-url` directly below. */
function urlsIn(content: unknown): string[] {
  const elements = Array.isArray(content) ? (content as readonly unknown[]) : [];
  return elements.flatMap((node) => {
    const inner = asRecord(node)['set-url'];
    if (!Array.isArray(inner)) return [];
    const text = inner.map((part) => decoded(asText(asRecord(part)['#text']) ?? '')).join('');
    return text.trim() === '' ? [] : [text.trim()];
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The entities that XML itself has, and references of characters; everything else stays as it is. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, tens, hex, name) => {
    if (typeof name === 'string') return entities[name.toLowerCase()] ?? whole;
    const code = typeof tens === 'string' ? Number(tens) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
