// Logs of the sample estate: which instance sends them where, and who calls with which TLS version.

import { sampleCalls } from './estateCalls.ts';
import type { SampleLogs, SampleTraffic, SampleWorkspace } from './model.ts';

/** `subscriptionId`: where all of them are. */
export function sampleWorkspaces(subscriptionId: string): readonly SampleWorkspace[] {
  const common = { subscriptionId, resourceGroup: 'rg-monitoring', location: 'westeurope' };
  return [
    { ...common, name: 'contoso-logs', customerId: '5d9b1c3e-2f47-4c1a-8e06-b1f20a7c9d41' },
    { ...common, name: 'contoso-old-logs', customerId: 'c2e8f6a1-90b3-4d5e-a7f8-13b9d0c4e652' },
    { ...common, name: 'contoso-security', customerId: 'a94c07d2-6b1e-4f83-9d25-7e0f3c81b5a6', forbidden: 'query' },
    { ...common, name: 'contoso-audit', customerId: '0f83a1b6-4d7c-4e92-b8a3-5c6d2e9f1074', forbidden: 'read' },
    { ...common, name: 'contoso-new-logs', customerId: '7b60e4f9-1a2d-4b38-8c57-e93d5f0a2c18', withoutTables: true },
    { ...common, name: 'contoso-cheap-logs', customerId: '46c0b8e2-7d13-4a95-8f6b-2e91d7a30c54', basicPlan: true },
    { ...common, name: 'contoso-busy-logs', customerId: 'e1d74b03-58f6-4a9c-b2e0-4f7a8c6d3b95', partial: true },
  ];
}

/** [API, operation, version, requests, callers, hours since the last one] */
type Line = readonly [string, string, string, number, readonly string[], number];

function traffic(lines: readonly Line[]): SampleTraffic[] {
  return lines.map(([api, operation, version, requests, callers, lastHoursAgo]) => ({
    api,
    operation,
    version,
    requests,
    callers,
    lastHoursAgo,
  }));
}

const scanner = '198.51.100.23';
const shop = ['203.0.113.10', '203.0.113.11', '203.0.113.12', '203.0.113.40'];

/** 1,204 requests with TLS 1.0 from 3 callers, the last one 2 hours ago; TLS 1.1 was last seen before a month ended. */
const shopTraffic = traffic([
  ['inventory-api', '', '1.0', 1093, ['192.0.2.15', '192.0.2.16'], 2],
  ['orders-api', 'place-order', '1.0', 107, ['192.0.2.15'], 31],
  ['', '', '1.0', 4, [scanner], 208],
  ['shipping-api', '', '1.1', 12, ['192.0.2.77'], 410],
  ['catalog-api', 'list-products', '1.2', 4_810_224, [...shop, '192.0.2.200'], 0],
  ['catalog-api', 'get-product', '1.2', 2_100_871, shop, 0],
  ['orders-api', 'place-order', '1.2', 310_442, shop, 0],
  ['notifications-api', '', '1.2', 18_904, ['192.0.2.200'], 1],
  ['catalog-api', 'list-products', '1.3', 912_377, shop, 0],
  ['orders-api', 'place-order', '1.3', 60_118, shop.slice(0, 2), 0],
  // A monitor that calls by plain HTTP is logged without a version.
  ['', '', '', 8, [scanner], 96],
]);

const partners = ['203.0.113.120', '203.0.113.121', '203.0.113.122'];

const toLogs = { workspace: 'contoso-logs', table: 'dedicated' } as const;

/** By the name of the instance; one that is not here has no diagnostic setting. */
const logs: Readonly<Record<string, SampleLogs>> = {
  'contoso-shop-prod': { to: toLogs, logs: 'gateway', traffic: shopTraffic },
  'contoso-payments': {
    to: toLogs,
    logs: 'all',
    traffic: traffic([
      ['settlement-api', '', 'TLS 1.2', 20_551, ['203.0.113.60'], 1],
      ['settlement-api', '', 'TLS 1.3', 7310, ['203.0.113.60', '203.0.113.61'], 0],
    ]),
  },
  'contoso-b2b': {
    to: toLogs,
    logs: 'gateway',
    traffic: traffic([
      ['purchasing-api', 'send-order', '1.2', 42_917, partners, 1],
      ['invoices-api', 'list-invoices', '1.2', 9120, partners.slice(0, 2), 3],
      ['returns-api', 'announce-return', '1.2', 1806, partners.slice(0, 1), 9],
      ['returns-api', 'get-status', '1.2', 15_377, partners, 0],
      ['tracking-api', 'track-parcel', '1.2', 5240, partners.slice(1), 2],
      ['purchasing-api', 'get-prices', '1.3', 233, partners.slice(2), 50],
    ]),
  },
  // Sent before there were tables of a kind of resource each.
  'contoso-legacy': {
    to: { workspace: 'contoso-old-logs', table: 'legacy' },
    logs: 'gateway',
    traffic: traffic([
      ['erp', 'export', 'Tls10', 318, ['192.0.2.90'], 20],
      ['erp', 'import', 'Tls11', 42, ['192.0.2.91'], 700],
      ['erp', 'export', 'Tls12', 55_810, ['192.0.2.90', '192.0.2.92'], 0],
    ]),
  },
  'contoso-shop-dev': {
    to: { workspace: 'contoso-busy-logs', table: 'dedicated' },
    logs: 'gateway',
    traffic: traffic([['catalog-api', 'list-products', '1.2', 640, ['203.0.113.10'], 5]]),
  },
  'contoso-logistics': { to: toLogs, logs: 'gateway', traffic: [] },
  'contoso-trust': { to: { workspace: 'contoso-new-logs', table: 'dedicated' }, logs: 'gateway', traffic: [] },
  'contoso-global': { to: { workspace: 'contoso-security', table: 'dedicated' }, logs: 'all', traffic: [] },
  'contoso-hub': { to: { workspace: 'contoso-audit', table: 'dedicated' }, logs: 'all', traffic: [] },
  'contoso-hr': { to: toLogs, logs: 'gateway', traffic: [], forbidden: true },
  'contoso-mobile': { to: { workspace: 'contoso-gone', table: 'dedicated' }, logs: 'gateway', traffic: [] },
  'contoso-audit': { to: toLogs, logs: 'metricsOnly', traffic: [] },
  'contoso-archive': { to: 'storage', logs: 'gateway', traffic: [] },
};

export function withLogs<Service extends { readonly name: string }>(service: Service): Service & { logs?: SampleLogs } {
  const found = logs[service.name];
  const calls = sampleCalls[service.name];
  return found === undefined ? service : { ...service, logs: calls === undefined ? found : { ...found, calls } };
}
