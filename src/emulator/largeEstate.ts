// An estate as large companies have it, made up from numbers: always the same for the same size.

import { createHash } from 'node:crypto';
import type { Estate, SampleGateway, SampleService, SampleSubscription, SampleTenant, ShortMap } from './model.ts';
import { seededRandom } from './randomFaults.ts';

export interface EstateSize {
  readonly instances: number;
  readonly subscriptions: number;
  readonly tenants: number;
}

export const largeSize: EstateSize = { instances: 10_000, subscriptions: 300, tenants: 5 };

/** A GUID (version 4 by its form) that belongs to a text. */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const regions = ['West Europe', 'North Europe', 'East US 2', 'Southeast Asia', 'UK South', 'Germany West Central'];
const kinds = ['shop', 'billing', 'claims', 'hr', 'iot', 'partners', 'mobile', 'ledger', 'search', 'support'];
const stages = ['prod', 'test', 'dev'];
const tiers = ['Consumption', 'Developer', 'Basic', 'Standard', 'Premium', 'BasicV2', 'StandardV2', 'Premium'];

/** Maps that teams copy from each other; each instance has a few keys of its own on top. */
const maps: readonly ShortMap[] = [
  {},
  { 'Security.Protocols.Tls10': 'False', 'Security.Protocols.Tls11': 'False', 'Protocols.Server.Http2': 'True' },
  { 'Security.Protocols.Tls10': 'True', 'Security.Protocols.Tls11': 'True' },
  { 'Security.Backend.Protocols.Tls10': 'True', 'Security.Backend.Protocols.Tls11': 'True' },
  { 'Security.Ciphers.TripleDes168': 'True', 'Security.Protocols.Tls11': 'True' },
  {
    'Security.Backend.Protocols.Tls13': 'true',
    ...Object.fromEntries(
      [
        'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
        'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
        'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
        'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
        'TLS_RSA_WITH_AES_256_GCM_SHA384',
        'TLS_RSA_WITH_AES_128_GCM_SHA256',
        'TLS_RSA_WITH_AES_256_CBC_SHA256',
        'TLS_RSA_WITH_AES_128_CBC_SHA256',
        'TLS_RSA_WITH_AES_256_CBC_SHA',
        'TLS_RSA_WITH_AES_128_CBC_SHA',
      ].map((suite) => [`Security.Ciphers.${suite}`, 'False']),
    ),
  },
];
const ownKeys = ['Security.Protocols.Tls13', 'Protocols.Server.Http2', 'Security.Backend.Protocols.Ssl30'];

/** One subscription in 60 refuses, one in 30 has no instance; the others share the instances unevenly. */
export function largeEstate(size: EstateSize = largeSize): Estate {
  const tenants = Array.from({ length: size.tenants }, (_, index) => tenantOf(index));
  const subscriptions = Array.from({ length: size.subscriptions }, (_, index) => subscriptionOf(tenants, index));
  const filled = subscriptions.filter(({ forbidden }, index) => !forbidden && index % 30 !== 7);
  const random = seededRandom(size.instances);
  const next = () => Math.floor(random() * 2 ** 32);
  const services = Array.from({ length: size.instances }, (_, index) => serviceOf(filled, index, next));
  return { tenants, subscriptions, services, gateways: gatewaysOf(services) };
}

function tenantOf(index: number): SampleTenant {
  const name = ['Contoso', 'Fabrikam', 'Northwind', 'Adatum', 'Litware'][index] ?? `Company ${index + 1}`;
  return { id: guidOf(`tenant ${index}`), name, domain: `${name.toLowerCase().replaceAll(' ', '')}.example` };
}

function subscriptionOf(tenants: readonly SampleTenant[], index: number): SampleSubscription {
  const tenant = tenants[index % tenants.length] as SampleTenant;
  const name = `${tenant.name} - ${kinds[index % kinds.length] ?? ''} ${String(index).padStart(3, '0')}`;
  const refuses = index % 60 === 59;
  return {
    id: guidOf(`subscription ${index}`),
    name,
    tenantId: tenant.id,
    ...(refuses ? { forbidden: true } : {}),
  };
}

function serviceOf(subscriptions: readonly SampleSubscription[], index: number, next: () => number): SampleService {
  const pick = <Item>(items: readonly Item[]): Item => items[next() % items.length] as Item;
  // Every subscription has one; the rest go to half of them twice as often.
  const subscription =
    index < subscriptions.length
      ? subscriptions[index]
      : subscriptions[(next() % 2 === 0 ? next() : 2 * next()) % subscriptions.length];
  const kind = pick(kinds);
  const tier = pick(tiers);
  const v2 = tier.endsWith('V2');
  const ownKey = pick(ownKeys);
  const year = 2016 + (next() % 10);
  return {
    subscriptionId: subscription?.id ?? '',
    resourceGroup: `rg-${kind}`,
    name: `${kind}-${pick(stages)}-${String(index).padStart(5, '0')}`,
    location: pick(regions),
    tier,
    units: tier === 'Consumption' ? 0 : 1 + (next() % 3),
    createdAt: `${v2 ? 2024 : year}-0${1 + (next() % 9)}-1${next() % 10}T08:15:30.1234567Z`,
    platformVersion: v2 ? 'mtv1' : 'stv2.1',
    map: next() % 200 === 0 ? null : { ...pick(maps), [ownKey]: pick(['True', 'False']) },
  };
}

/** One workspace gateway for each hundredth Premium instance. */
function gatewaysOf(services: readonly SampleService[]): readonly SampleGateway[] {
  return services
    .filter(({ tier }) => tier === 'Premium')
    .filter((_, index) => index % 100 === 0)
    .map((service, index) => ({
      subscriptionId: service.subscriptionId,
      resourceGroup: service.resourceGroup,
      name: `workspaces-${String(index).padStart(3, '0')}`,
      location: service.location,
      tier: 'WorkspaceGatewayPremium',
      units: 1,
      createdAt: '2025-02-03T07:00:00.0000000Z',
      connections: [{ name: 'team', service, workspace: 'team' }],
    }));
}
