// What a fault on the way becomes, and what is sent again.

import assert from 'node:assert/strict';
import { isArmError } from '../../../src/core/failure.ts';
import type { FailureDetails } from '../../../src/core/failure.ts';
import { clouds } from '../../../src/azure/clouds.ts';
import { scripted, service, serviceId } from './scriptedAzure.ts';
import type { Reply } from './scriptedAzure.ts';

async function failureOf(work: Promise<unknown>): Promise<FailureDetails> {
  const error = await work.then(
    () => assert.fail('It should have been rejected.'),
    (reason: unknown) => reason,
  );
  assert.ok(isArmError(error), `not an ArmError: ${String(error)}`);
  return error.details;
}

const armError = (code: string, message: string) => ({ error: { code, message } });
const challenge = (text: string) => ({ 'www-authenticate': text });
const claims = Buffer.from('{"access_token":{"nbf":{"essential":true}}}').toString('base64');
const claimsChallenge = challenge(`Bearer error="insufficient_claims", claims="${claims}"`);
const requestId = { 'x-ms-request-id': 'req-1' };

/** A reply that is always given -> the failure of a read, and how often the read was sent. */
const reads: readonly [string, Reply, Partial<FailureDetails>, number][] = [
  [
    '401',
    {
      status: 401,
      body: armError('AuthenticationFailed', 'No.'),
      headers: { ...requestId, ...challenge('Bearer realm=""') },
    },
    { code: 'unauthorized', status: 401, serviceCode: 'AuthenticationFailed', requestId: 'req-1' },
    1,
  ],
  [
    '401 that asks for claims again',
    { status: 401, body: armError('X', 'No.'), headers: claimsChallenge },
    { code: 'interactionNeeded', status: 401 },
    2,
  ],
  [
    '403',
    { status: 403, body: armError('AuthorizationFailed', 'Not you.'), headers: requestId },
    {
      code: 'forbidden',
      status: 403,
      serviceCode: 'AuthorizationFailed',
      serviceMessage: 'Not you.',
      requestId: 'req-1',
    },
    1,
  ],
  // Of a service that is gone, it is looked up whether it has been moved: two further requests.
  ['404', { status: 404, body: armError('ResourceNotFound', 'Gone.') }, { code: 'notFound', status: 404 }, 3],
  [
    '409 of a busy service',
    { status: 409, body: { error: { code: 'ServiceLocked', message: 'Busy.', details: null, innerError: null } } },
    { code: 'locked', serviceCode: 'ServiceLocked' },
    1,
  ],
  [
    '409 of a management lock',
    { status: 409, body: armError('ScopeLocked', 'Locked.') },
    { code: 'managementLock' },
    1,
  ],
  ['409 of another kind', { status: 409, body: armError('Conflict', 'Not now.') }, { code: 'conflict' }, 1],
  ['412', { status: 412, body: armError('PreconditionFailed', 'Etag.') }, { code: 'changed' }, 1],
  [
    '429',
    { status: 429, body: armError('TooManyRequests', 'Slow.'), headers: { 'retry-after': '0' } },
    { code: 'throttled', retryAfterSeconds: 0 },
    11,
  ],
  [
    '429 with a long pause is left to the caller',
    { status: 429, body: armError('TooManyRequests', 'Slow.'), headers: { 'retry-after': '120' } },
    { code: 'throttled', retryAfterSeconds: 120 },
    1,
  ],
  [
    '400',
    { status: 400, body: armError('NotSupported', 'Not in this tier.') },
    { code: 'refused', serviceCode: 'NotSupported', serviceMessage: 'Not in this tier.' },
    1,
  ],
  ['500', { status: 500, body: armError('InternalServerError', 'Oops.') }, { code: 'unavailable', status: 500 }, 4],
  ['503', { status: 503, headers: { 'retry-after': '0' } }, { code: 'unavailable', status: 503 }, 4],
  [
    '502 with a page of a proxy',
    { status: 502, body: '<html>Bad gateway</html>' },
    { code: 'unavailable', status: 502 },
    4,
  ],
  ['a dropped connection', { drops: true }, { code: 'network' }, 4],
  [
    'a page instead of JSON',
    { body: '<html>Please sign in</html>' },
    { code: 'portal', status: 200, serviceMessage: 'Please sign in' },
    1,
  ],
  [
    'JSON that breaks off',
    { body: '{"id":"/subscr', headers: { 'content-type': 'application/json' } },
    { code: 'malformed' },
    1,
  ],
  ['an answer that is no instance', { body: { value: [] } }, { code: 'malformed' }, 1],
  ['an empty answer', {}, { code: 'malformed' }, 1],
];

describe('transport', () => {
  for (const [what, reply, expected, sent] of reads) {
    it(`tells ${what} as ${expected.code}, after ${sent} ${sent === 1 ? 'request' : 'requests'}`, async () => {
      const { azure, asked, log } = scripted(() => reply);
      const failure = await failureOf(azure.readInstance(serviceId));
      for (const [key, value] of Object.entries(expected))
        assert.equal(failure[key as keyof FailureDetails], value, key);
      assert.equal(asked.length, sent);
      const said = JSON.stringify(failure) + log.join();
      assert.doesNotMatch(said, /secret-token|Bearer/);
    });
  }

  it('asks for a token with the claims once, and goes on with it', async () => {
    const { azure, asked, tokens } = scripted((_, index) =>
      index === 0 ? { status: 401, headers: claimsChallenge } : { body: service({}) },
    );
    await azure.readInstance(serviceId);
    assert.deepEqual(
      tokens.flatMap((token) => token.claims ?? []),
      ['{"access_token":{"nbf":{"essential":true}}}'],
    );
    assert.notEqual(asked[0]?.token, asked[1]?.token);
  });

  it('goes on after faults that pass', async () => {
    const faults: Reply[] = [{ drops: true }, { status: 503 }, { status: 429, headers: { 'retry-after': '0' } }];
    const { azure, asked } = scripted((_, index) => faults[index] ?? { body: service({}) });
    assert.equal((await azure.readInstance(serviceId)).name, 'contoso');
    assert.equal(asked.length, 4);
  });

  it('ends a request that hangs', async () => {
    const { azure, asked } = scripted(() => ({ hangs: true }), { timeoutMs: 5 });
    const failure = await failureOf(azure.readInstance(serviceId));
    const host = new URL(clouds.public.arm).host;
    assert.deepEqual(failure, { code: 'timeout', host, serviceMessage: 'No answer within 1 s.' });
    assert.equal(asked.length, 1);
  });

  it('cancels a request that is on its way', async () => {
    const cancel = new AbortController();
    const { azure } = scripted(() => {
      cancel.abort();
      return { hangs: true };
    });
    assert.deepEqual(await failureOf(azure.readInstance(serviceId, { signal: cancel.signal })), { code: 'cancelled' });
  });

  it('sends nothing where it is cancelled before', async () => {
    const { azure, asked, tokens } = scripted(() => ({ body: service({}) }));
    assert.deepEqual(await failureOf(azure.readInstance(serviceId, { signal: AbortSignal.abort() })), {
      code: 'cancelled',
    });
    assert.deepEqual([asked.length, tokens.length], [0, 0]);
  });

  it('asks for tokens of the cloud that is set, and sends them to its host only', async () => {
    const hosts = new Set<string>();
    const { azure, tokens } = scripted(() => ({}), {
      cloud: clouds.china,
      httpClient: {
        sendRequest: (request) => {
          hosts.add(new URL(request.url).host);
          return Promise.reject(Object.assign(new Error('no route'), { code: 'ENETUNREACH' }));
        },
      },
    });
    await failureOf(azure.readEstate());
    assert.deepEqual([...hosts], ['management.chinacloudapi.cn']);
    assert.deepEqual(tokens[0]?.scopes, [clouds.china.armScope]);
  });

  it('does not follow a list to another host', async () => {
    const { azure, asked } = scripted(({ path }) => {
      if (path.endsWith('/backends')) return { body: { value: [], nextLink: 'https://elsewhere.example/more' } };
      return { body: service({}) };
    });
    const failure = await failureOf(azure.readBackends(serviceId));
    assert.equal(failure.code, 'malformed');
    assert.match(failure.serviceMessage ?? '', /elsewhere\.example/);
    assert.equal(asked.length, 1);
  });

  it('passes on what a credential says', async () => {
    const { azure } = scripted(() => ({}), {
      credentialFor: () => ({
        getToken: () =>
          Promise.reject(
            Object.assign(new Error('Run az login.'), { name: 'ArmError', details: { code: 'interactionNeeded' } }),
          ),
      }),
    });
    assert.deepEqual(await failureOf(azure.readInstance(serviceId)), { code: 'interactionNeeded' });
  });
});
