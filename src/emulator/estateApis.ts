// APIs of the sample estate whose policies ask for a client certificate.

import type { SampleApi, SampleNamedValue, SampleProduct } from './model.ts';

function policies(inbound: string): string {
  return `<policies>\r\n  <inbound><base />${inbound}</inbound>\r\n  <backend><base /></backend>\r\n  <outbound><base /></outbound>\r\n</policies>`;
}

/** Ways in which a policy asks for a client certificate; expressions as format=xml gives them. */
export const certificateApis: readonly SampleApi[] = [
  {
    name: 'purchasing-api',
    title: 'Purchasing',
    path: 'purchasing',
    serviceUrl: 'https://purchasing.contoso.example',
    operations: [
      {
        name: 'send-order',
        title: 'Send a purchase order',
        method: 'POST',
        urlTemplate: '/orders',
        policy: policies(
          '<choose><when condition="@(context.Request.Certificate == null || context.Request.Certificate.Issuer != &quot;CN=Contoso Partners&quot;)">' +
            '<return-response><set-status code="403" reason="Client certificate required" /></return-response></when></choose>',
        ),
      },
      { name: 'get-prices', title: 'Get prices', method: 'GET', urlTemplate: '/prices' },
    ],
  },
  {
    name: 'invoices-api',
    title: 'Invoices',
    path: 'invoices',
    serviceUrl: 'https://purchasing.contoso.example/invoices',
    policy: policies(
      '<validate-client-certificate validate-trust="true" validate-not-before="true" validate-not-after="true" />',
    ),
    operations: [{ name: 'list-invoices', title: 'List invoices', method: 'GET', urlTemplate: '/' }],
  },
  // By a fragment, and for one operation not at all: its policy takes nothing over.
  {
    name: 'returns-api',
    title: 'Returns',
    path: 'returns',
    serviceUrl: 'https://purchasing.contoso.example/returns',
    policy: policies('<include-fragment fragment-id="require-partner-certificate" />'),
    operations: [
      { name: 'announce-return', title: 'Announce a return', method: 'POST', urlTemplate: '/' },
      {
        name: 'get-status',
        title: 'Get the status',
        method: 'GET',
        urlTemplate: '/status',
        policy: '<policies>\r\n  <inbound />\r\n  <backend><base /></backend>\r\n</policies>',
      },
    ],
  },
  // By the policy of a product.
  {
    name: 'tracking-api',
    title: 'Tracking',
    path: 'tracking',
    serviceUrl: 'https://purchasing.contoso.example/tracking',
    operations: [{ name: 'track-parcel', title: 'Track a parcel', method: 'GET', urlTemplate: '/{parcel}' }],
  },
];

export const certificateFragments: Readonly<Record<string, string>> = {
  'require-partner-certificate':
    '<fragment><choose><when condition="@(context.Request.Certificate == null || context.Request.Certificate.Issuer != &quot;{{partner-issuer}}&quot;)">' +
    '<return-response><set-status code="403" reason="Client certificate required" /></return-response></when></choose></fragment>',
};

export const certificateProducts: readonly SampleProduct[] = [
  {
    name: 'partners-premium',
    title: 'Partners, premium',
    apis: ['tracking-api', 'invoices-api'],
    policy: policies(
      '<check-header name="x-partner" failed-check-httpcode="403"><value>{{partner-key}}</value></check-header>' +
        '<validate-client-certificate validate-revocation="true" validate-trust="true" />',
    ),
  },
  { name: 'starter', title: 'Starter', apis: ['purchasing-api'] },
];

export const certificateValues: readonly SampleNamedValue[] = [
  { name: 'partner-issuer', value: 'CN=Contoso Partners' },
  { name: 'partner-key', secret: true },
  { name: 'signing-key', keyVault: 'https://contoso-certificates.vault.example/secrets/signing-key' },
];
