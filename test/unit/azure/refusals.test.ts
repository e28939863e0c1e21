// What answers of refusal say: the missing action, the policy, the lock, the version; and what a proxy's page says.

import assert from 'node:assert/strict';
import { retryAfterMs, toArmError } from '../../../src/azure/errors.ts';
import { isPage, pageText, refusalOf } from '../../../src/azure/refusals.ts';
import type { FailureDetails } from '../../../src/core/failure.ts';

const headersOf = (entries: Readonly<Record<string, string>> = {}) => ({ get: (name: string) => entries[name] });
const refusal = (status: number, error: object, headers = {}): FailureDetails =>
  refusalOf({ status, headers: headersOf(headers), body: JSON.stringify(error) }, null);
const said = (code: string, message: string) => ({ error: { code, message } });

const client = "The client 'me@contoso.example' with object id 'x'";
const can = "has permission to perform action 'Microsoft.ApiManagement/service/write' on scope '/subscriptions/s'";

describe('refusals', () => {
  const missing: readonly [string, string, string | undefined, readonly string[] | undefined][] = [
    [
      'AuthorizationFailed',
      `${client} does not have authorization to perform action 'A/b/read' over scope '/subscriptions/s' or the scope is invalid.`,
      'A/b/read',
      ['/subscriptions/s'],
    ],
    [
      'LinkedAuthorizationFailed',
      `${client} ${can}; however, it does not have permission to perform action(s) 'join/action' on the linked scope(s) '/one,/two' (respectively) or the linked scope(s) are invalid.`,
      'join/action',
      ['/one', '/two'],
    ],
    // Here no action is missing: the tenant is another one.
    [
      'LinkedAuthorizationFailed',
      `The client ${can}, however the current tenant 't' is not authorized to access linked subscription 'b'.`,
      undefined,
      undefined,
    ],
    ['AuthorizationFailed', 'No.', undefined, undefined],
  ];
  for (const [code, message, action, scopes] of missing) {
    it(`names ${action ?? 'no action'} in ${code}`, () => {
      const details = refusal(403, said(code, message));
      assert.deepEqual([details.code, details.action, details.scopes], ['forbidden', action, scopes]);
    });
  }

  it('names policies and assignments, of the error itself and of its details', () => {
    const info = { policyDefinitionDisplayName: 'TLS', policyAssignmentId: '/assignments/a' };
    const denial = (more: object) => ({ code: 'RequestDisallowedByPolicy', message: 'No.', ...more });
    const additionalInfo = [
      { type: 'Other' },
      { type: 'PolicyViolation', info },
      { type: 'PolicyViolation', info: null },
    ];
    const expected = [
      { policy: 'TLS', assignmentId: '/assignments/a' },
      { policy: '?', assignmentId: '' },
    ];
    assert.deepEqual(refusal(403, { error: denial({ additionalInfo }) }).policies, expected);
    const nested = {
      error: { code: 'InvalidTemplateDeployment', message: 'No.', details: [denial({ additionalInfo })] },
    };
    const details = refusal(400, nested);
    assert.deepEqual([details.code, details.policies], ['policyDenied', expected]);
    const identifiers = [
      { policyDefinition: { id: '/definitions/d' }, policyAssignment: { name: 'a', id: '/assignments/a' } },
    ];
    const message = `Resource 'x' was disallowed by policy. Policy identifiers: '${JSON.stringify(identifiers)}'.`;
    assert.deepEqual(refusal(403, { error: denial({ message }) }).policies, [
      { policy: '/definitions/d', assignmentId: '/assignments/a' },
    ]);
    assert.deepEqual(refusal(403, { error: denial({ message: "Policy identifiers: 'cut off" }) }).policies, []);
  });

  it('names what a lock is on', () => {
    const message = "The scope '/s/x' cannot perform write operation because following scope(s) are locked: '/s,/s/g'.";
    assert.deepEqual(refusal(409, said('ScopeLocked', message)).scopes, ['/s', '/s/g']);
    assert.equal(refusal(409, said('ScopeLocked', 'Locked.')).scopes, undefined);
  });

  const versions: readonly [number, object, FailureDetails['code']][] = [
    [
      400,
      {
        Message:
          'The service is configured to allow management requests only with the following api-version values: 2026',
      },
      'apiVersion',
    ],
    [400, said('MissingOrIncorrectVersionParameter', 'API version query parameter is not specified.'), 'apiVersion'],
    [400, said('NoRegisteredProviderFound', "The supported api-versions are '2026'."), 'apiVersion'],
    [400, said('InvalidApiVersionParameter', "The api-version '2024' is invalid."), 'apiVersion'],
    [
      404,
      said('InvalidResourceType', "… for api version '2024'. The supported api-versions are '2026'."),
      'apiVersion',
    ],
    [400, said('ValidationError', 'The version set of the API was not found.'), 'refused'],
    [404, said('ResourceNotFound', 'Gone.'), 'notFound'],
    [500, said('InternalServerError', 'api-version'), 'unavailable'],
  ];
  for (const [status, body, code] of versions) {
    it(`takes ${status} ${JSON.stringify(body).slice(0, 60)}… for ${code}`, () => {
      assert.equal(refusal(status, body).code, code);
    });
  }

  const pages: readonly [number, FailureDetails['code']][] = [
    [400, 'proxy'],
    [401, 'proxy'],
    [403, 'proxy'],
    [404, 'proxy'],
    [407, 'proxy'],
    [502, 'unavailable'],
    [511, 'portal'],
  ];
  for (const [status, code] of pages) {
    it(`tells a page with status ${status} as ${code}, in its words`, () => {
      const body = '<!DOCTYPE html><html><head><title> Not\n allowed </title></head><body>…</body></html>';
      const details = refusalOf({ status, headers: headersOf(), body }, { code: 'PARSE_ERROR', message: body });
      assert.deepEqual([details.code, details.serviceMessage], [code, 'Not allowed']);
    });
  }

  it('takes no JSON, no XML and no text for a page', () => {
    assert.deepEqual(
      ['{"a":"<html>"}', '<policies/>', '', 'html'].map((body) => isPage(body, headersOf())),
      [false, false, false, false],
    );
    assert.ok(isPage('<p>Hello</p>', headersOf({ 'content-type': 'text/html; charset=utf-8' })));
  });

  it('says of a page no more than fits', () => {
    const text = pageText(`<html><style>p {}</style><script>evil()</script>${'<p>very long</p>'.repeat(5000)}</html>`);
    assert.equal(text.length, 200);
    assert.match(text, /^very long very long/);
    assert.doesNotMatch(text, /evil|</);
  });

  const thrown: readonly [string, object, FailureDetails['code']][] = [
    ['a wrapped resolver error', { cause: { cause: { code: 'EAI_AGAIN' } } }, 'dns'],
    ['a sign-in without a network', { name: 'AuthenticationError', cause: { code: 'ENETUNREACH' } }, 'offline'],
    [
      'a sign-in that Entra refuses',
      { name: 'AuthenticationError', statusCode: 400, message: 'AADSTS70008' },
      'unauthorized',
    ],
    [
      'a sign-in through an old proxy',
      { name: 'AggregateAuthenticationError', cause: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' } },
      'oldTls',
    ],
    ['a tool that is not there', { name: 'CredentialUnavailableError', message: 'x' }, 'toolMissing'],
    [
      'BoringSSL’s words',
      { code: 'EPROTO', message: 'error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL' },
      'oldTls',
    ],
    ['a broken record', { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', message: 'bad record mac' }, 'network'],
    ['a circle of causes', circle(), 'unknown'],
    ['nothing', {}, 'unknown'],
  ];
  for (const [what, error, code] of thrown) {
    it(`tells ${what} as ${code}`, () => {
      assert.equal(toArmError(error).details.code, code);
    });
  }

  it('holds a date in Retry-After against the clock of whoever wrote it', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    const at = (date: string) => new Date(date).toUTCString();
    const until = { 'retry-after': at('2026-01-01T01:00:30Z') };
    assert.equal(retryAfterMs(headersOf({ ...until, date: at('2026-01-01T01:00:00Z') }), now), 30_000);
    assert.equal(retryAfterMs(headersOf(until), now), 3_630_000);
    assert.equal(retryAfterMs(headersOf({ 'retry-after': '7' }), now), 7000);
    assert.equal(retryAfterMs(headersOf({ 'retry-after': 'soon' }), now), undefined);
  });
});

function circle(): object {
  const error: { cause?: unknown } = {};
  error.cause = error;
  return error;
}
