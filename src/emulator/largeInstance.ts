// An instance as large platforms have it, for tests and benches: every scope has a policy, every operation is called.

import type { SampleApi, SampleLogs, SampleProduct, SampleService } from './model.ts';

export interface InstanceSize {
  readonly apis: number;
  /** Of all APIs together. */
  readonly operations: number;
  readonly products: number;
}

export const largeInstanceSize: InstanceSize = { apis: 300, operations: 2000, products: 60 };

/** One operation in ten asks by its own policy, one API in ten by a fragment, one product in ten by its policy. */
const oneIn = 10;
const asks =
  '<choose><when condition="@(context.Request.Certificate == null)"><return-response><set-status code="403" reason="No certificate" /></return-response></when></choose>';

/** As long as policies usually are. */
function policy(inbound: string): string {
  const headers = Array.from(
    { length: 8 },
    (_, index) =>
      `<set-header name="x-${index}" exists-action="override"><value>{{value-${index}}}</value></set-header>`,
  ).join('\n    ');
  return `<policies>\n  <inbound>\n    <base />\n    ${inbound}\n    ${headers}\n  </inbound>\n  <backend><base /></backend>\n  <outbound><base /></outbound>\n  <on-error><base /></on-error>\n</policies>`;
}

/** Always the same for the same size. `workspace`: where its logs are. */
export function largeInstance(
  place: Pick<SampleService, 'subscriptionId' | 'resourceGroup' | 'name'>,
  workspace: string,
  size: InstanceSize = largeInstanceSize,
): SampleService {
  const apis = Array.from({ length: size.apis }, (_, index) => apiOf(index, size));
  return {
    ...place,
    location: 'West Europe',
    tier: 'Premium',
    units: 4,
    createdAt: '2017-03-01T08:00:00.0000000Z',
    platformVersion: 'stv2.1',
    map: {},
    globalPolicy: '<policies><inbound /><backend><forward-request /></backend><outbound /></policies>',
    apis,
    products: Array.from({ length: size.products }, (_, index) => productOf(index, size)),
    fragments: { 'require-cert': `<fragment>${asks}</fragment>` },
    namedValues: Array.from({ length: 200 }, (_, index) => ({ name: `value-${index}`, value: `text ${index}` })),
    logs: logsOf(apis, workspace),
  };
}

function apiOf(index: number, { apis, operations }: InstanceSize): SampleApi {
  const own = Math.floor(operations / apis) + (index < operations % apis ? 1 : 0);
  return {
    name: `api-${index}`,
    title: `API ${index}`,
    path: `api/${index}`,
    policy: policy(index % oneIn === 0 ? '<include-fragment fragment-id="require-cert" />' : ''),
    operations: Array.from({ length: own }, (_, number) => ({
      name: `operation-${number}`,
      title: `Operation ${number}`,
      method: 'GET',
      urlTemplate: `/things/${number}`,
      policy: policy((index + number) % oneIn === 1 ? asks : ''),
    })),
  };
}

function productOf(index: number, { apis, products }: InstanceSize): SampleProduct {
  const members = Array.from({ length: apis }, (_, number) => number).filter((number) => number % products === index);
  return {
    name: `product-${index}`,
    title: `Product ${index}`,
    apis: members.map((number) => `api-${number}`),
    policy: policy(index % oneIn === 0 ? '<validate-client-certificate validate-trust="true" />' : ''),
  };
}

function logsOf(apis: readonly SampleApi[], workspace: string): SampleLogs {
  const traffic = apis.flatMap((api, index) =>
    (api.operations ?? []).map((operation, number) => ({
      api: api.name,
      operation: operation.name,
      version: '1.2',
      requests: 1 + ((index * 7919 + number * 104_729) % 50_000),
      callers: ['203.0.113.10'],
      lastHoursAgo: (index + number) % 300,
    })),
  );
  return { to: { workspace, table: 'dedicated' }, logs: 'gateway', traffic };
}
