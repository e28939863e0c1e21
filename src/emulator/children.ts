// The child resources of an instance: backends, APIs, operations, policies, certificates.

import { jsonAnswer, serviceError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import type { SampleApi, SampleOperation, SampleService } from './model.ts';
import { selfHostedBody, selfHostedHostBodies } from './gatewayBodies.ts';
import { policyAnswer, policyChildAnswer } from './policies.ts';
import type { Asked } from './policies.ts';
import { apiBody, backendBody, certificateBody, operationBody } from './wire.ts';

/** `rest`: the path below the instance, such as `/apis/orders/operations`. */
export function childAnswer(service: SampleService, rest: string, request: ArmRequest, pageSize: number): ArmAnswer {
  const url = new URL(request.url);
  const [kind = '', name, below, belowName, ...deeper] = rest.slice(1).split('/');
  const page = (items: readonly object[]): ArmAnswer => pageOf(items, url, pageSize);
  const asked: Asked = { url, headers: request.headers, page };
  const ofPolicies = policyChildAnswer(service, rest, asked);
  if (ofPolicies !== undefined) return ofPolicies;
  switch (`${kind.toLowerCase()}${name === undefined ? '' : '/*'}`) {
    case 'backends':
      return page((service.backends ?? []).map((backend) => backendBody(service, backend)));
    case 'backends/*':
      return one(service.backends, name, (backend) => backendBody(service, backend), 'Backend');
    case 'certificates':
      return page((service.certificates ?? []).map((certificate) => certificateBody(service, certificate)));
    case 'apis':
      return page((service.apis ?? []).map((api) => apiBody(service, api)));
    case 'gateways':
      return page((service.selfHosted ?? []).map((gateway) => selfHostedBody(service, gateway)));
    case 'gateways/*':
      return below?.toLowerCase() === 'hostnameconfigurations' && belowName === undefined
        ? one(service.selfHosted, name, (gateway) => ({ value: selfHostedHostBodies(service, gateway) }), 'Gateway')
        : notFound('Resource');
    case 'policies/*':
      return policyAnswer(service, { scope: '', kind: '', xml: service.globalPolicy }, asked);
    case 'apis/*':
      return underApi(service, name, [below, belowName, ...deeper], asked);
    default:
      return notFound('Resource');
  }
}

function underApi(
  service: SampleService,
  name: string | undefined,
  below: readonly (string | undefined)[],
  asked: Asked,
): ArmAnswer {
  const api = find(service.apis, name);
  if (api === undefined) return notFound('API');
  const [kind, id, deeper, policy] = below;
  if (kind === undefined) return jsonAnswer(200, apiBody(service, api));
  if (kind === 'policies' && id === 'policy')
    return policyAnswer(service, { scope: `/apis/${api.name}`, kind: '/apis', xml: api.policy }, asked);
  if (kind !== 'operations') return notFound('Resource');
  if (id === undefined)
    return asked.page((api.operations ?? []).map((operation) => operationBody(service, api, operation)));
  return underOperation(service, api, find(api.operations, id), [deeper, policy], asked);
}

function underOperation(
  service: SampleService,
  api: SampleApi,
  operation: SampleOperation | undefined,
  [kind, name]: readonly (string | undefined)[],
  asked: Asked,
): ArmAnswer {
  if (operation === undefined) return notFound('Operation');
  if (kind === undefined) return jsonAnswer(200, operationBody(service, api, operation));
  if (kind !== 'policies' || name !== 'policy') return notFound('Resource');
  const scope = `/apis/${api.name}/operations/${operation.name}`;
  return policyAnswer(service, { scope, kind: '/apis/operations', xml: operation.policy }, asked);
}

function find<T extends { readonly name: string }>(
  items: readonly T[] | undefined,
  name: string | undefined,
): T | undefined {
  return items?.find((item) => item.name.toLowerCase() === name?.toLowerCase());
}

function one<T extends { readonly name: string }>(
  items: readonly T[] | undefined,
  name: string | undefined,
  show: (item: T) => object,
  what: string,
): ArmAnswer {
  const item = find(items, name);
  return item === undefined ? notFound(what) : jsonAnswer(200, show(item), { etag: '"AAAAAAAWN/4="' });
}

function notFound(what: string): ArmAnswer {
  return serviceError(404, 'ResourceNotFound', `${what} not found.`);
}

function pageOf(items: readonly object[], url: URL, pageSize: number): ArmAnswer {
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const top = Math.min(Number(url.searchParams.get('$top') ?? pageSize), pageSize);
  const value = items.slice(skip, skip + top);
  if (skip + top >= items.length) return jsonAnswer(200, { value, count: items.length });
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip + top));
  return jsonAnswer(200, { value, count: items.length, nextLink: next.href });
}
