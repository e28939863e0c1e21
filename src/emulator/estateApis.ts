// APIs of the sample estate whose policies ask for a client certificate.

import type { SampleApi } from './model.ts';

function policies(inbound: string): string {
  return `<policies>\r\n  <inbound><base />${inbound}</inbound>\r\n  <backend><base /></backend>\r\n  <outbound><base /></outbound>\r\n</policies>`;
}

/** Two ways in which a policy asks for a client certificate; expressions as format=xml gives them. */
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
];
