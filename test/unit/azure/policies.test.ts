// What in a policy asks the client for a certificate.

import assert from 'node:assert/strict';
import { certificateUses } from '../../../src/azure/policies.ts';
import { failureCode } from '../../../src/core/failure.ts';
import { scripted, serviceId } from './scriptedAzure.ts';

const inbound = (content: string) =>
  `<policies><inbound><base />${content}</inbound><backend><base /></backend></policies>`;
const element = 'validate-client-certificate';
const property = 'context.Request.Certificate';

const texts: readonly [string, string, readonly string[]][] = [
  ['nothing', inbound('<cors><allowed-origins><origin>*</origin></allowed-origins></cors>'), []],
  [
    'the element',
    inbound('<validate-client-certificate validate-revocation="true"><identities /></validate-client-certificate>'),
    [element],
  ],
  [
    'an expression in an attribute',
    inbound(
      '<choose><when condition="@(context.Request.Certificate == null || !context.Request.Certificate.Verify())"><return-response /></when></choose>',
    ),
    [property],
  ],
  [
    'an escaped expression in a text',
    inbound(
      '<set-header name="x"><value>@(context.Request.Certificate?.Thumbprint ?? &quot;a&quot; &lt; 1)</value></set-header>',
    ),
    [property],
  ],
  [
    'an expression in CDATA',
    inbound(
      '<set-variable name="c" value="1" /><set-body><![CDATA[@{ return context . Request . Certificate.Subject; }]]></set-body>',
    ),
    [property],
  ],
  [
    'both',
    inbound('<validate-client-certificate /><trace source="@(context.Request.Certificate.Issuer)" />'),
    [element, property],
  ],
  ['comments only', inbound('<!-- <validate-client-certificate /> @(context.Request.Certificate) -->'), []],
  [
    'the certificates of the service',
    inbound('<set-variable name="c" value="@(context.Deployment.Certificates.Count)" />'),
    [],
  ],
  ['a longer name', inbound('<set-variable name="c" value="@(context.Request.CertificateThing)" />'), []],
  ['the certificate for the backend', inbound('<authentication-certificate thumbprint="AB" />'), []],
  ['an empty text', '  ', []],
];

describe('policies', () => {
  for (const [what, xml, asks] of texts) {
    it(`finds ${asks.length === 0 ? 'no question' : asks.join(' and ')} in ${what}`, () => {
      assert.deepEqual(certificateUses(xml), { asks, fragments: [] });
    });
  }

  it('names the fragments that are included', () => {
    const xml = inbound(
      '<include-fragment fragment-id="auth" /><choose><otherwise><include-fragment fragment-id="log" /></otherwise></choose>',
    );
    assert.deepEqual(certificateUses(xml), { asks: [], fragments: ['auth', 'log'] });
  });

  it('says that a text could not be read', () => {
    for (const xml of [
      '<policies><inbound>',
      '<a></b>',
      'no XML at all',
      '<a b="c"',
      '{"json":true}',
      '<a/><b/><',
    ] as const) {
      assert.equal(certificateUses(xml), null, xml);
    }
  });

  it('is not blown up by entities', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(100)}"><!ENTITY b "&a;&a;&a;">]><policies><inbound>&b;</inbound></policies>`;
    assert.deepEqual(certificateUses(bomb)?.asks ?? [], []);
  });

  const places: readonly ['global' | 'api' | 'operation', string][] = [
    ['global', ''],
    ['api', '/apis/orders'],
    ['operation', '/apis/orders/operations/get'],
  ];
  for (const [scope, below] of places) {
    it(`reads the policy of scope ${scope}`, async () => {
      const { azure, asked } = scripted(() => ({
        body: { properties: { format: 'xml', value: inbound('<validate-client-certificate />') } },
      }));
      const policy = await azure.readPolicy(`${serviceId}${below}`, scope);
      assert.deepEqual(policy?.uses, { asks: [element], fragments: [] });
      assert.deepEqual(
        [asked[0]?.path, asked[0]?.query.get('format')],
        [`${serviceId}${below}/policies/policy`, 'xml'],
      );
    });
  }

  it('takes a scope without a policy for what it is, and no other failure', async () => {
    const missing = scripted(() => ({ status: 404, body: { error: { code: 'ResourceNotFound', message: 'None.' } } }));
    assert.equal(await missing.azure.readPolicy(serviceId, 'global'), null);
    const refused = scripted(() => ({ status: 403 }));
    await assert.rejects(refused.azure.readPolicy(serviceId, 'global'), (error) => failureCode(error) === 'forbidden');
  });
});
