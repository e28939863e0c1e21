// What the gateways of the sample estate have called, by their logs.

import type { SampleCall } from './model.ts';

/** [API, operation, method, address, requests, failures, hours since the last one] */
type Line = readonly [string, string, string, string, number, number, number];

function calls(lines: readonly Line[]): SampleCall[] {
  return lines.map(([api, operation, method, url, requests, failures, lastHoursAgo]) => ({
    api,
    operation,
    method,
    url,
    requests,
    failures,
    lastHoursAgo,
  }));
}

/** By the name of the instance. */
export const sampleCalls: Readonly<Record<string, readonly SampleCall[]>> = {
  'contoso-shop-prod': calls([
    ['catalog-api', 'list-products', 'GET', 'https://catalog.contoso.example/v3/products', 5_722_601, 0, 0],
    ['catalog-api', 'get-product', 'GET', 'https://catalog.contoso.example/v3/products/4711', 2_100_871, 0, 0],
    ['orders-api', 'place-order', 'POST', 'https://orders.contoso.example/api/', 370_667, 12, 0],
    ['notifications-api', '', 'POST', 'https://notifications.contoso.example/v2/send', 18_904, 0, 1],
    ['inventory-api', '', 'POST', 'https://inventory.contoso.example:8443/soap', 1093, 4, 2],
    ['shipping-api', '', 'GET', 'https://ship-eu.contoso.example/parcels', 9, 0, 410],
    // Nothing in the configuration names it: a policy puts the address together.
    ['orders-api', 'place-order', 'POST', 'https://fraud.contoso.example/score', 1204, 0, 3],
    ['', '', 'GET', 'https://mainframe.contoso.example/', 31, 31, 96],
  ]),
  'contoso-b2b': calls([
    ['purchasing-api', 'send-order', 'POST', 'https://purchasing.contoso.example/orders', 42_917, 0, 1],
    ['purchasing-api', 'get-prices', 'GET', 'https://purchasing.contoso.example/prices', 233, 0, 50],
    ['invoices-api', 'list-invoices', 'GET', 'https://purchasing.contoso.example/invoices/', 9120, 0, 3],
  ]),
  'contoso-legacy': calls([['erp', 'export', 'GET', 'https://legacy.contoso.example/export', 56_128, 0, 0]]),
  'contoso-shop-dev': calls([
    ['catalog-api', 'list-products', 'GET', 'https://catalog.dev.contoso.example/products', 640, 0, 5],
  ]),
};
