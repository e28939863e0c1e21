// For each operation that has examples: how the product reads it, and what of it is shown.

import { parsePolicy } from '../../src/azure/policies.ts';
import { pathOfScope, scopesIn } from '../../src/azure/policyScopes.ts';
import assert from 'node:assert/strict';
import type { Azure } from '../../src/azure/access.ts';
import { readTrafficAnswer } from '../../src/azure/trafficQuery.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { Instance } from '../../src/core/instance.ts';
import { isRecord, listOf, recordOf } from './description.ts';
import type { Json } from './description.ts';

export interface Reader {
  /** End of `METHOD template`. */
  readonly suffix: string;
  /** What the product lost of the example, in words. */
  readonly read: (azure: Azure, parameters: Json, body: Json) => Promise<readonly string[]>;
}

/** What is shown beside what the example states: [name, ours, theirs]. */
type Shown = readonly (readonly [name: string, ours: unknown, theirs: unknown])[];

const at = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>((node, name) => recordOf(node)[name], value);
const moment = (value: unknown): string | null =>
  typeof value === 'string' ? new Date(Date.parse(value)).toISOString() : null;
const region = (value: unknown): string => String(value).toLowerCase().replaceAll(' ', '');

function lost(subject: string, shown: Shown): readonly string[] {
  return shown.flatMap(([name, ours, theirs]) => {
    try {
      assert.deepEqual(ours, theirs);
      return [];
    } catch {
      return [`${subject}.${name} is ${JSON.stringify(ours)}, and ${JSON.stringify(theirs)} in the example`];
    }
  });
}

function lostOfList<Entity>(
  subject: string,
  entities: readonly Entity[],
  body: Json,
  shownOf: (entity: Entity, raw: unknown) => Shown,
): readonly string[] {
  const rows = listOf(body['value']);
  if (rows.length !== entities.length) return [`${entities.length} of ${rows.length} were read`];
  return entities.flatMap((entity, index) => lost(`${subject} ${index}`, shownOf(entity, rows[index])));
}

function shownOfInstance(instance: Instance, raw: unknown): Shown {
  const properties = at(raw, 'properties');
  const hosts = listOf(at(properties, 'hostnameConfigurations')).map((host) => ({
    hostName: at(host, 'hostName'),
    type: at(host, 'type'),
    isDefault: at(host, 'defaultSslBinding') ?? false,
    negotiateClientCertificate: at(host, 'negotiateClientCertificate') ?? false,
    certificateExpiry: moment(at(host, 'certificate', 'expiry')),
  }));
  return [
    ['id', instance.id, at(raw, 'id')],
    ['name', instance.name, at(raw, 'name')],
    ['location', instance.location, region(at(raw, 'location'))],
    ['tier', instance.tier, at(raw, 'sku', 'name')],
    ['units', instance.units, at(raw, 'sku', 'capacity')],
    ['etag', instance.etag, at(raw, 'etag') ?? null],
    ['provisioningState', instance.provisioningState, at(properties, 'provisioningState')],
    ['createdAt', instance.createdAt, moment(at(properties, 'createdAtUtc'))],
    ['platformVersion', instance.platformVersion, at(properties, 'platformVersion') ?? null],
    ['gatewayUrl', instance.gatewayUrl, at(properties, 'gatewayUrl') ?? null],
    ['customProperties', instance.customProperties, at(properties, 'customProperties') ?? null],
    ['hosts', instance.hosts, hosts],
    [
      'enableClientCertificate',
      instance.enableClientCertificate ?? false,
      at(properties, 'enableClientCertificate') ?? false,
    ],
    [
      'otherRegions',
      instance.otherRegions,
      listOf(at(properties, 'additionalLocations')).map((one) => region(at(one, 'location'))),
    ],
  ];
}

const text = (parameters: Json, name: string): string => String(parameters[name]);

function groupOf(parameters: Json): string {
  return `/subscriptions/${text(parameters, 'subscriptionId')}/resourceGroups/${text(parameters, 'resourceGroupName')}/providers/Microsoft.ApiManagement`;
}

function idOf(parameters: Json, ...below: readonly string[]): string {
  return [`${groupOf(parameters)}/service/${text(parameters, 'serviceName')}`, ...below].join('/');
}

const subscriptionOf = (parameters: Json) => ({
  id: text(parameters, 'subscriptionId'),
  name: 'S',
  tenantId: 't',
});

/** A text of a policy is taken apart, whoever asks for it. */
function policyReader(suffix: string): Reader {
  return {
    suffix,
    read: (_azure, _parameters, body) => {
      const text = at(body, 'properties', 'value');
      return Promise.resolve(lost('policy', [['read', parsePolicy(String(text)) !== null, true]]));
    },
  };
}

export const readers: readonly Reader[] = [
  {
    suffix:
      'GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}',
    read: async (azure, parameters, body) =>
      lost('instance', shownOfInstance(await azure.readInstance(idOf(parameters)), body)),
  },
  {
    suffix:
      'PATCH /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}',
    read: async (azure, parameters, body) => {
      const start = await azure.beginUpdate(idOf(parameters), {});
      return start.kind === 'done'
        ? lost('instance', shownOfInstance(start.instance, body))
        : ['it is not taken for done'];
    },
  },
  {
    suffix: 'GET /subscriptions/{subscriptionId}/providers/Microsoft.ApiManagement/service',
    read: async (azure, parameters, body) =>
      lostOfList('instance', await azure.readSubscription(subscriptionOf(parameters)), body, shownOfInstance),
  },
  {
    suffix: 'GET /subscriptions/{subscriptionId}/providers/Microsoft.ApiManagement/gateways',
    read: async (azure, _parameters, body) =>
      lostOfList('gateway', (await azure.readEstate()).gateways, body, (gateway, raw) => [
        ['id', gateway.id, at(raw, 'id')],
        ['name', gateway.name, at(raw, 'name')],
        ['location', gateway.location, region(at(raw, 'location'))],
        ['tier', gateway.tier, at(raw, 'sku', 'name')],
        ['units', gateway.units, at(raw, 'sku', 'capacity') ?? 0],
        ['provisioningState', gateway.provisioningState, at(raw, 'properties', 'provisioningState')],
      ]),
  },
  {
    suffix: '/gateways/{gatewayName}/configConnections',
    read: async (azure, parameters, body) => {
      const id = `${groupOf(parameters)}/gateways/${text(parameters, 'gatewayName')}`;
      return lostOfList('connection', await azure.readGatewayConnections(id), body, (connection, raw) => {
        const source = String(at(raw, 'properties', 'sourceId')).split('/');
        return [
          ['instanceName', connection.instanceName, source.at(-3)],
          ['workspace', connection.workspace, source.at(-1)],
          [
            'hostNames',
            connection.hostNames,
            [at(raw, 'properties', 'defaultHostname'), ...listOf(at(raw, 'properties', 'hostnames'))].filter(Boolean),
          ],
        ];
      });
    },
  },
  {
    suffix: '/service/{serviceName}/gateways',
    read: async (azure, parameters, body) =>
      lostOfList('gateway', await azure.readSelfHosted(idOf(parameters)), body, (gateway, raw) => [
        ['id', gateway.id, at(raw, 'id')],
        ['name', gateway.name, String(at(raw, 'id')).split('/').at(-1)],
        ['description', gateway.description, at(raw, 'properties', 'description') ?? ''],
        ['place', gateway.place, at(raw, 'properties', 'locationData', 'name') ?? ''],
      ]),
  },
  {
    suffix: '/backends',
    read: async (azure, parameters, body) =>
      lostOfList('backend', await azure.readBackends(idOf(parameters)), body, (backend, raw) => {
        const properties = at(raw, 'properties');
        return [
          ['id', backend.id, at(raw, 'id')],
          ['title', backend.title, at(properties, 'title') ?? at(raw, 'name')],
          ['url', backend.url, at(properties, 'url') ?? ''],
          ['type', backend.type, at(properties, 'type') ?? 'Single'],
          ['poolMembers', backend.poolMembers, listOf(at(properties, 'pool', 'services')).map((one) => at(one, 'id'))],
          ['validateChain', backend.validateChain, at(properties, 'tls', 'validateCertificateChain') ?? true],
          ['validateName', backend.validateName, at(properties, 'tls', 'validateCertificateName') ?? true],
          [
            'clientCertificate',
            backend.clientCertificate,
            ['certificate', 'certificateIds'].some((name) => listOf(at(properties, 'credentials', name)).length > 0),
          ],
        ];
      }),
  },
  {
    suffix: '/service/{serviceName}/apis',
    read: async (azure, parameters, body) =>
      lostOfList('api', await azure.readApis(idOf(parameters)), body, (api, raw) => [
        ['id', api.id, at(raw, 'id')],
        ['title', api.title, at(raw, 'properties', 'displayName')],
        ['path', api.path, at(raw, 'properties', 'path')],
        ['serviceUrl', api.serviceUrl, at(raw, 'properties', 'serviceUrl') ?? null],
      ]),
  },
  {
    suffix: '/apis/{apiId}/operations',
    read: async (azure, parameters, body) =>
      lostOfList(
        'operation',
        await azure.readOperations(idOf(parameters, 'apis', text(parameters, 'apiId'))),
        body,
        (operation, raw) => [
          ['id', operation.id, at(raw, 'id')],
          ['title', operation.title, at(raw, 'properties', 'displayName')],
          ['method', operation.method, at(raw, 'properties', 'method')],
          ['urlTemplate', operation.urlTemplate, at(raw, 'properties', 'urlTemplate')],
        ],
      ),
  },
  policyReader('/operations/{operationId}/policies/{policyId}'),
  policyReader('/apis/{apiId}/policies/{policyId}'),
  policyReader('/products/{productId}/policies/{policyId}'),
  policyReader('/service/{serviceName}/policies/{policyId}'),
  {
    suffix: '/service/{serviceName}/allPolicies',
    read: (_azure, parameters, body) => {
      const { scopes } = scopesIn(idOf(parameters), listOf(body['value']));
      const paths = scopes.map((scope) => pathOfScope('', scope));
      const raw = listOf(body['value']).map((row) => String(at(row, 'properties', 'referencePolicyId')));
      return Promise.resolve(
        lost('policies', [['scopes', paths, raw.map((id) => id.replace(/^.*\/service\/[^/]+/, ''))]]),
      );
    },
  },
  {
    suffix: '/service/{serviceName}/policyFragments',
    read: async (azure, parameters, body) =>
      lostOfList('fragment', (await azure.readPolicies(idOf(parameters))).fragments, body, ({ name, facts }, raw) => [
        ['name', name, at(raw, 'name')],
        ['read', facts !== null, true],
      ]),
  },
  {
    suffix: '/service/{serviceName}/namedValues',
    read: async (azure, parameters, body) =>
      lostOfList('named value', (await azure.readPolicies(idOf(parameters))).namedValues, body, (one, raw) => [
        ['name', one.name, at(raw, 'properties', 'displayName')],
        ['value', one.value, at(raw, 'properties', 'value') ?? null],
      ]),
  },
  ...['/service/{serviceName}/products', '/products/{productId}/apis'].map((suffix): Reader => ({
    suffix,
    // Only products with a policy are shown, which the example has none of.
    read: async (azure, parameters) => {
      const { missing } = await azure.readPolicies(idOf(parameters));
      return missing.flatMap(({ list }) => (list === 'products' && suffix.endsWith('/products') ? [list] : []));
    },
  })),
  {
    // Recommendations of other kinds: none of them is one on renegotiation.
    suffix: '/providers/Microsoft.Advisor/recommendations',
    read: async (azure, parameters) => {
      const advice = await azure.readAdvice(`${groupOf({ ...parameters, resourceGroupName: 'rg' })}/service/one`, []);
      return advice.state === 'read' && !advice.found ? [] : [JSON.stringify(advice)];
    },
  },
  {
    suffix: '/gateways/{gatewayId}/hostnameConfigurations',
    read: async (azure, parameters, body) => {
      const [gateway] = await azure.readSelfHosted(idOf(parameters));
      return lostOfList('host', gateway?.hosts ?? [], body, (host, raw) => [
        ['hostName', host.hostName, at(raw, 'properties', 'hostname')],
        ['negotiates', host.negotiateClientCertificate, at(raw, 'properties', 'negotiateClientCertificate') ?? null],
        ['tls10', host.tls10, at(raw, 'properties', 'tls10Enabled') ?? null],
        ['tls11', host.tls11, at(raw, 'properties', 'tls11Enabled') ?? null],
        ['http2', host.http2, at(raw, 'properties', 'http2Enabled') ?? null],
      ]);
    },
  },
  {
    // Rows of other queries: they must not break the reading, and none of them is an instance.
    suffix: '/providers/Microsoft.ResourceGraph/resources',
    read: async (azure, _parameters, body) => {
      const { instances, failures } = await azure.readEstate();
      const rows = listOf(body['data']).filter((row) => /apimanagement\/service\b/i.test(String(at(row, 'id'))));
      return isRecord(body) && instances.length === rows.length && failures.length === 0
        ? []
        : [`${instances.length} instances of ${rows.length}, failures: ${JSON.stringify(failures)}`];
    },
  },
  {
    suffix:
      'POST /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}/connectivityCheck',
    read: async (azure, parameters, body) => {
      const question = { region: 'northeurope', host: '8.8.8.8', port: 53 };
      const found = await azure.checkConnectivity(idOf(parameters), question);
      return lost('check', [
        ['state', found.state, 'reached'],
        ['statusText', found.statusText, at(body, 'connectionStatus')],
        ['latencyMs', found.latencyMs, at(body, 'avgLatencyInMs')],
        ['sent', found.sent, at(body, 'probesSent')],
        ['failed', found.failed, at(body, 'probesFailed')],
        ['address', found.address, at(listOf(body['hops']).at(-1), 'address')],
      ]);
    },
  },
  {
    // Tables of other queries: none of them may pass for traffic.
    suffix: '/workspaces/{workspaceId}/query',
    read: (_azure, _parameters, body) => {
      try {
        return Promise.resolve([`read as traffic: ${JSON.stringify(readTrafficAnswer(body))}`]);
      } catch (error) {
        return Promise.resolve(failureCode(error) === 'malformed' ? [] : [String(error)]);
      }
    },
  },
];
