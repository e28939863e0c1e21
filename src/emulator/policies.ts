// Policies of an instance as the REST interface gives them: texts by scope, the list of all, products, fragments, named values.
// Wire shapes: Microsoft.ApiManagement 2024-05-01 (apimallpolicies, apimproducts, apimpolicyfragments, apimnamedvalues).

import { createHash } from 'node:crypto';
import { emptyAnswer, jsonAnswer, serviceError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { serviceId } from './model.ts';
import type { SampleNamedValue, SampleProduct, SampleService } from './model.ts';
import { apiBody, policyBody } from './wire.ts';

/** What a request for a policy needs: its query and headers. */
export interface Asked {
  readonly url: URL;
  readonly headers: ArmRequest['headers'];
  readonly page: (items: readonly object[]) => ArmAnswer;
}

/** Answers for `/allPolicies`, `/products…`, `/policyFragments…` and `/namedValues`; undefined: the path is none of these. */
export function policyChildAnswer(service: SampleService, rest: string, asked: Asked): ArmAnswer | undefined {
  const [kind = '', name, below, belowName] = rest.slice(1).split('/');
  switch (kind.toLowerCase()) {
    case 'allpolicies':
      return name === undefined ? withoutCount(asked.page(allPolicies(service))) : undefined;
    case 'namedvalues':
      return name === undefined
        ? asked.page((service.namedValues ?? []).map((one) => valueBody(service, one)))
        : undefined;
    case 'policyfragments':
      return name === undefined
        ? asked.page(fragmentsOf(service).map((fragment) => fragmentBody(service, ...fragment, 'xml')))
        : fragmentAnswer(service, name, asked);
    case 'products':
      return productsAnswer(service, [name, below, belowName], asked);
    default:
      return undefined;
  }
}

/** As described: this list alone has none. */
function withoutCount(answer: ArmAnswer): ArmAnswer {
  const all = Object.entries(JSON.parse(answer.body) as object);
  return { ...answer, body: JSON.stringify(Object.fromEntries(all.filter(([name]) => name !== 'count'))) };
}

function productsAnswer(
  service: SampleService,
  [name, below, policy]: readonly (string | undefined)[],
  asked: Asked,
): ArmAnswer | undefined {
  const products = service.products ?? [];
  if (name === undefined) return asked.page(products.map((product) => productBody(service, product)));
  const product = products.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (product === undefined) return serviceError(404, 'ResourceNotFound', 'Product not found.');
  if (below?.toLowerCase() === 'apis' && policy === undefined) {
    const apis = (service.apis ?? []).filter((api) => product.apis.includes(api.name));
    return asked.page(apis.map((api) => apiBody(service, api)));
  }
  if (below?.toLowerCase() !== 'policies' || policy !== 'policy') return undefined;
  return policyAnswer(service, { scope: `/products/${product.name}`, kind: '/products', xml: product.policy }, asked);
}

export interface PolicyAt {
  /** The path of the scope below the instance; empty for all APIs. */
  readonly scope: string;
  /** The type of the scope below that of the instance. */
  readonly kind: string;
  readonly xml: string | undefined;
}

/** Policies are kept as format=xml gives them; rawxml has the expressions unescaped. If-None-Match is honoured. */
export function policyAnswer(service: SampleService, { scope, kind, xml }: PolicyAt, asked: Asked): ArmAnswer {
  if (xml === undefined) return serviceError(404, 'ResourceNotFound', 'Policy not found.');
  return textAnswer(xml, asked, (format, value) => policyBody(service, scope, kind, format, value));
}

function fragmentAnswer(service: SampleService, name: string, asked: Asked): ArmAnswer {
  const fragment = fragmentsOf(service).find(([one]) => one.toLowerCase() === name.toLowerCase());
  if (fragment === undefined) return serviceError(404, 'ResourceNotFound', 'Policy fragment not found.');
  const [own, xml] = fragment;
  return textAnswer(xml, asked, (format, value) => fragmentBody(service, own, value, format));
}

function textAnswer(
  xml: string,
  { url, headers }: Asked,
  show: (format: 'xml' | 'rawxml', value: string) => object,
): ArmAnswer {
  const format = url.searchParams.get('format') ?? 'xml';
  if (format !== 'xml' && format !== 'rawxml') {
    const message = `The format '${format}' is not supported.`;
    const details = [{ code: 'ValidationError', target: 'format', message }];
    return serviceError(400, 'ValidationError', 'One or more fields contain incorrect values:', details);
  }
  const etag = `"${createHash('sha256').update(xml).digest('base64').slice(0, 12)}"`;
  if (headers['if-none-match'] === etag) return emptyAnswer(304, { etag });
  return jsonAnswer(200, show(format, format === 'xml' ? xml : unescapeXml(xml)), { etag });
}

function unescapeXml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function fragmentsOf(service: SampleService): readonly (readonly [name: string, xml: string])[] {
  return Object.entries(service.fragments ?? {});
}

function fragmentBody(service: SampleService, name: string, value: string, format: 'xml' | 'rawxml'): object {
  return child(service, 'policyFragments', name, { format, description: '', value });
}

function valueBody(service: SampleService, { name, value, secret, keyVault }: SampleNamedValue): object {
  return child(service, 'namedValues', name.toLowerCase(), {
    displayName: name,
    ...(secret === true || keyVault !== undefined || value === undefined ? {} : { value }),
    ...(keyVault === undefined ? {} : { keyVault: { secretIdentifier: keyVault } }),
    tags: null,
    secret: secret ?? keyVault !== undefined,
  });
}

function productBody(service: SampleService, { name, title }: SampleProduct): object {
  return child(service, 'products', name, {
    displayName: title,
    description: '',
    subscriptionRequired: true,
    approvalRequired: false,
    state: 'published',
  });
}

function child(service: SampleService, kind: string, name: string, properties: object): object {
  return {
    id: `${serviceId(service)}/${kind}/${name}`,
    type: `Microsoft.ApiManagement/service/${kind}`,
    name,
    properties,
  };
}

function allPolicies(service: SampleService): readonly object[] {
  const scopes = [
    ...(service.globalPolicy === undefined ? [] : ['']),
    ...(service.products ?? []).filter(({ policy }) => policy !== undefined).map(({ name }) => `/products/${name}`),
    ...(service.apis ?? []).flatMap((api) => [
      ...(api.policy === undefined ? [] : [`/apis/${api.name}`]),
      ...(api.operations ?? [])
        .filter(({ policy }) => policy !== undefined)
        .map(({ name }) => `/apis/${api.name}/operations/${name}`),
    ]),
  ];
  return scopes.map((scope, index) => ({
    id: `${serviceId(service)}/allpolicies/${index}`,
    type: 'Microsoft.ApiManagement/service/allpolicies',
    name: String(index),
    properties: { referencePolicyId: `${serviceId(service)}${scope}/policies/policy`, complianceState: 'Compliant' },
  }));
}
