// Policies: their text, and what in it asks the client for a certificate.

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { PolicyText, PolicyUses } from './access.ts';
import { rawCall } from './clients.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { asRecord, asText } from './json.ts';
import { nameBelow, parseServiceId } from './resourceIds.ts';

/** Null where the scope has no policy. */
export async function readPolicy(
  connection: Connection,
  scopeId: string,
  scope: PolicyText['scope'],
  signal?: AbortSignal,
): Promise<PolicyText | null> {
  const id = parseServiceId(scopeId);
  const { client } = await connection.management(id.subscriptionId, signal);
  const options = { ...rawCall(signal), format: 'xml' };
  const at = [id.resourceGroup, id.service] as const;
  const api = nameBelow(id, 'apis');
  try {
    const raw =
      scope === 'global'
        ? await client.policy.get(...at, 'policy', options)
        : scope === 'api'
          ? await client.apiPolicy.get(...at, api, 'policy', options)
          : await client.apiOperationPolicy.get(...at, api, nameBelow(id, 'operations'), 'policy', options);
    const xml = asText(asRecord(asRecord(raw)['properties'])['value']) ?? '';
    return { scope, xml, uses: certificateUses(xml) };
  } catch (error) {
    const failure = toArmError(error, signal);
    if (failure.details.code === 'notFound') return null;
    throw failure;
  }
}

/** Entities are left as they are: a policy text has no need of them, and expanding them is how XML bombs work. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  preserveOrder: true,
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  commentPropName: '#comment',
});

const element = 'validate-client-certificate';
const property = 'context.Request.Certificate';
/** `context.Request.Certificate` itself, and not a longer name that begins like it. */
const expression = /\bcontext\s*\.\s*Request\s*\.\s*Certificate\b/;

/**
 * What in a policy asks the client for a certificate. Null where the text cannot be read as XML.
 * Comments do not count, and neither do `authentication-certificate` and `context.Deployment.Certificates`: they
 * concern the backend's side and the service's own certificates.
 */
export function certificateUses(xml: string): PolicyUses | null {
  if (xml.trim() === '') return { asks: [], fragments: [] };
  const uses = { asks: new Set<string>(), fragments: new Set<string>() };
  try {
    if (XMLValidator.validate(xml) !== true) return null;
    collect(parser.parse(xml), uses);
  } catch {
    return null;
  }
  return { asks: [...uses.asks], fragments: [...uses.fragments] };
}

function collect(nodes: unknown, uses: { readonly asks: Set<string>; readonly fragments: Set<string> }): void {
  if (!Array.isArray(nodes)) return;
  for (const node of nodes as readonly unknown[]) {
    const attributes = asRecord(asRecord(node)[':@']);
    for (const [name, content] of Object.entries(asRecord(node))) {
      if (name === ':@' || name === '#comment') continue;
      if (name === '#text') {
        if (typeof content === 'string' && expression.test(content)) uses.asks.add(property);
        continue;
      }
      if (name === element) uses.asks.add(element);
      const fragment = asText(attributes['@fragment-id']);
      if (name === 'include-fragment' && fragment !== null) uses.fragments.add(fragment);
      collect(content, uses);
    }
    if (Object.values(attributes).some((value) => typeof value === 'string' && expression.test(value)))
      uses.asks.add(property);
  }
}
