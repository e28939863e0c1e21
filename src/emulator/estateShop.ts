// The two instances that the walkthrough is about: one with every kind of backend, and its small sister for development.

import type { SampleApi, SampleBackend, SampleService } from './model.ts';

const strict = { validateCertificateChain: true, validateCertificateName: true };
const lenient = { validateCertificateChain: false, validateCertificateName: false };

/** How each of these hosts behaves is in `backends.ts`. */
const prodBackends: readonly SampleBackend[] = [
  { name: 'catalog', title: 'Product catalogue', url: 'https://catalog.contoso.example/v3', tls: strict },
  { name: 'orders', title: 'Orders', url: 'https://orders.contoso.example/api', tls: strict },
  {
    name: 'inventory',
    title: 'Inventory (AS/400 bridge)',
    url: 'https://inventory.contoso.example:8443/soap',
    tls: strict,
  },
  { name: 'payments', title: 'Payments', url: 'https://payments.contoso.example', tls: strict },
  { name: 'crm', title: 'Customer relations', url: 'https://crm.contoso.example/data', tls: lenient },
  { name: 'warehouse', title: 'Warehouse', url: 'https://warehouse.contoso.example', tls: lenient },
  { name: 'partners', title: 'Partner portal', url: 'https://partners.contoso.example', tls: strict },
  {
    name: 'bank',
    title: 'Bank gateway (client certificate)',
    url: 'https://bank.contoso.example/settlement',
    certificates: ['bank-client'],
    tls: strict,
  },
  {
    name: 'identity',
    title: 'Identity (asks for a certificate on /secure)',
    url: 'https://identity.contoso.example/secure',
    certificates: ['bank-client'],
  },
  { name: 'reports', title: 'Reports', url: 'https://reports.contoso.example', tls: strict },
  { name: 'mainframe', title: 'Mainframe', url: 'https://mainframe.contoso.example', tls: strict },
  { name: 'old-search', title: 'Search before 2021', url: 'https://old-search.contoso.invalid', tls: strict },
  { name: 'ship-eu', title: 'Shipping, Europe', url: 'https://ship-eu.contoso.example' },
  { name: 'ship-us', title: 'Shipping, America', url: 'https://ship-us.contoso.example' },
  { name: 'shipping', title: 'Shipping (load-balanced)', pool: ['ship-eu', 'ship-us'] },
  { name: 'intranet', title: 'Intranet (no TLS)', url: 'http://intranet.contoso.example' },
];

function usingBackend(name: string): string {
  return [
    '<policies>',
    `  <inbound><base /><set-backend-service backend-id="${name}" /></inbound>`,
    '  <backend><base /></backend>',
    '  <outbound><base /></outbound>',
    '  <on-error><base /></on-error>',
    '</policies>',
  ].join('\r\n');
}

const prodApis: readonly SampleApi[] = [
  {
    name: 'catalog-api',
    title: 'Catalogue',
    path: 'catalog',
    policy: usingBackend('catalog'),
    operations: [
      { name: 'list-products', title: 'List products', method: 'GET', urlTemplate: '/products' },
      { name: 'get-product', title: 'Get a product', method: 'GET', urlTemplate: '/products/{id}' },
    ],
  },
  {
    name: 'orders-api',
    title: 'Orders',
    path: 'orders',
    policy: usingBackend('orders'),
    operations: [{ name: 'place-order', title: 'Place an order', method: 'POST', urlTemplate: '/' }],
  },
  { name: 'inventory-api', title: 'Inventory', path: 'inventory', policy: usingBackend('inventory') },
  { name: 'shipping-api', title: 'Shipping', path: 'shipping', policy: usingBackend('shipping') },
  // No backend entity: the gateway calls the service URL itself.
  {
    name: 'notifications-api',
    title: 'Notifications',
    path: 'notify',
    serviceUrl: 'https://notifications.contoso.example/v2',
  },
];

const globalPolicy = [
  '<policies>',
  '  <inbound><rate-limit calls="600" renewal-period="60" /></inbound>',
  '  <backend><forward-request /></backend>',
  '  <outbound />',
  '  <on-error />',
  '</policies>',
].join('\r\n');

/** TLS 1.0 and 1.1 on both sides and 3DES are on: what there is to tidy up. */
export function shopProd(subscriptionId: string): SampleService {
  return {
    subscriptionId,
    resourceGroup: 'rg-shop-prod',
    name: 'contoso-shop-prod',
    location: 'West Europe',
    tier: 'Standard',
    units: 2,
    createdAt: '2019-11-04T08:12:44.1268424Z',
    platformVersion: 'stv2.1',
    tags: { owner: 'shop', environment: 'production' },
    map: {
      'Security.Protocols.Tls10': 'True',
      'Security.Protocols.Tls11': 'True',
      'Security.Ciphers.TripleDes168': 'True',
      'Security.Backend.Protocols.Tls10': 'True',
      'Security.Backend.Protocols.Tls11': 'True',
    },
    hosts: [
      {
        hostName: 'api.contoso.example',
        negotiateClientCertificate: false,
        isDefault: true,
        certificateExpiry: '2027-09-30T23:59:59+00:00',
      },
    ],
    backends: prodBackends,
    apis: prodApis,
    globalPolicy,
    certificates: [
      {
        name: 'bank-client',
        subject: 'CN=shop.contoso.example',
        thumbprint: '1F2E3D4C5B6A79880716253443526170A9B8C7D6',
        expirationDate: '2027-06-30T23:59:59Z',
      },
    ],
  };
}

export function shopDev(subscriptionId: string): SampleService {
  return {
    subscriptionId,
    resourceGroup: 'rg-shop-dev',
    name: 'contoso-shop-dev',
    location: 'West Europe',
    tier: 'Developer',
    units: 1,
    createdAt: '2021-03-18T14:02:10.4412876Z',
    platformVersion: 'stv2.1',
    tags: { owner: 'shop', environment: 'development' },
    map: { 'Security.Protocols.Tls11': 'true', 'Security.Backend.Protocols.Tls11': 'true' },
    globalPolicy,
    backends: [
      { name: 'catalog', title: 'Product catalogue', url: 'https://catalog.dev.contoso.example', tls: lenient },
      { name: 'orders', title: 'Orders', url: 'https://orders.dev.contoso.example', tls: lenient },
      { name: 'payments', title: 'Payments (provider sandbox)', url: 'https://payments.contoso.example', tls: strict },
    ],
    apis: [{ name: 'catalog-api', title: 'Catalogue', path: 'catalog', policy: usingBackend('catalog') }],
  };
}
