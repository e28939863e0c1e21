// One token for all who ask for it.

import assert from 'node:assert/strict';
import type { GetTokenOptions } from '@azure/core-auth';
import { sharedCredential } from '../../../src/azure/tokens.ts';

const scope = 'https://arm.example/.default';

function counted(lifeMs = 3_600_000) {
  const clock = { now: 0 };
  const asked: (GetTokenOptions | undefined)[] = [];
  const credential = sharedCredential(
    {
      getToken: async (_scopes, options) => {
        asked.push(options);
        await Promise.resolve();
        return { token: `token-${asked.length}`, expiresOnTimestamp: clock.now + lifeMs };
      },
    },
    () => clock.now,
  );
  const get = async (options?: GetTokenOptions, of = scope) => (await credential.getToken(of, options))?.token;
  return { clock, asked, credential, get };
}

describe('shared credential', () => {
  it('asks once for all callers, and again when the token is about to end', async () => {
    const { clock, asked, get } = counted();
    assert.deepEqual(await Promise.all([get(), get(), get()]), ['token-1', 'token-1', 'token-1']);
    clock.now = 3_600_000 - 121_000;
    assert.equal(await get(), 'token-1');
    clock.now += 2000;
    assert.equal(await get(), 'token-2');
    assert.equal(asked.length, 2);
  });

  it('keeps the token of each scope for itself', async () => {
    const { get } = counted();
    assert.equal(await get(), 'token-1');
    assert.equal(await get({}, 'https://logs.example/.default'), 'token-2');
    assert.equal(await get(), 'token-1');
  });

  it('asks anew for a challenge, once for all who met it, and keeps the answer', async () => {
    const { asked, get } = counted();
    await get();
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    assert.deepEqual(await Promise.all([get({ claims }), get({ claims })]), ['token-2', 'token-2']);
    assert.equal(await get(), 'token-2');
    assert.deepEqual(
      asked.map((options) => options?.claims),
      [undefined, claims],
    );
  });

  it('keeps no failure, and one caller that gives up takes nothing from the others', async () => {
    const asked: unknown[] = [];
    const credential = sharedCredential({
      getToken: (_scopes, options) => {
        asked.push(options?.abortSignal);
        if (asked.length === 1) return Promise.reject(new Error('No.'));
        return Promise.resolve({ token: 'token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER });
      },
    });
    await assert.rejects(credential.getToken(scope, { abortSignal: AbortSignal.abort() }), /No\./);
    assert.equal((await credential.getToken(scope))?.token, 'token');
    assert.deepEqual(asked, [undefined, undefined]);
  });
});
