import assert from 'node:assert/strict';
import { createFaults } from '../../../src/emulator/faults.ts';
import type { Fault, FaultRule } from '../../../src/emulator/faults.ts';
import { bodyOf, changeMs, errorOf, keys, openBench, path } from './sdk.ts';

const hub = () => path('contoso-hub');
const shop = () => path('contoso-shop-prod');

function withFault(fault: Fault, rule: Partial<FaultRule> = {}) {
  return openBench({ faults: createFaults([{ match: {}, times: 1, ...rule, fault }]) });
}

describe('faults on demand: answers', () => {
  const table: readonly (readonly [Fault, number, string])[] = [
    [{ kind: 'forbidden' }, 403, 'AuthorizationFailed'],
    [{ kind: 'notFound' }, 404, 'ResourceNotFound'],
    [{ kind: 'serviceLocked' }, 409, 'ServiceLocked'],
    [{ kind: 'preconditionFailed' }, 412, 'PreconditionFailed'],
    [{ kind: 'throttled', retryAfterSeconds: 17 }, 429, 'TooManyRequests'],
    [{ kind: 'serverError' }, 500, 'InternalServerError'],
    [{ kind: 'unavailable' }, 503, 'ServiceUnavailable'],
    [{ kind: 'claimsChallenge' }, 401, 'AuthenticationFailed'],
  ];
  for (const [fault, status, code] of table) {
    it(`${fault.kind} is ${status} ${code}, once, seen by the SDK`, async () => {
      const bench = withFault(fault);
      const answer = await bench.call('GET', hub());
      assert.deepEqual([answer.status, errorOf(answer).code], [status, code]);
      assert.ok(answer.headers['x-ms-request-id']);
      if (fault.kind === 'throttled') assert.equal(answer.headers['retry-after'], '17');
      assert.equal((await bench.call('GET', hub())).status, 200);
      if (fault.kind === 'claimsChallenge') return;
      await assert.rejects(withFault(fault).apim().apiManagementService.get('rg-hub', 'contoso-hub'), {
        statusCode: status,
        code,
      });
    });
  }

  it('challenges with claims that the SDK hands to the credential', async () => {
    const bench = withFault({ kind: 'claimsChallenge' });
    const answer = await bench.call('GET', hub());
    const [, claims] = /claims="([^"]+)"/.exec(answer.headers['www-authenticate'] ?? '') ?? [];
    assert.ok(JSON.parse(Buffer.from(claims ?? '', 'base64').toString()));
  });

  it('breaks off JSON, and plays a captive portal', async () => {
    const broken = await withFault({ kind: 'malformed' }).call('GET', hub());
    assert.equal(broken.status, 200);
    assert.throws(() => JSON.parse(broken.body) as unknown);
    const html = await withFault({ kind: 'html' }).call('GET', hub());
    assert.deepEqual([html.status, html.headers['content-type']], [200, 'text/html']);
  });

  it('keeps to method, path, count and order of its rules', async () => {
    const rule: FaultRule = {
      match: { method: 'patch', path: /contoso-hub/ },
      times: 2,
      after: 1,
      fault: { kind: 'serverError' },
    };
    const bench = openBench({ faults: createFaults([rule]) });
    const statuses: number[] = [];
    for (const [method, where] of [
      ['GET', hub()],
      ['PATCH', shop()],
      ['PATCH', hub()],
      ['PATCH', hub()],
      ['PATCH', hub()],
      ['PATCH', hub()],
    ] as const) {
      statuses.push((await bench.call(method, where, {})).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 500, 500, 200]);
  });
});

describe('faults on demand: connections', () => {
  it('drops the connection as a socket would', async () => {
    await assert.rejects(withFault({ kind: 'drop' }).apim().apiManagementService.get('rg-hub', 'contoso-hub'), {
      name: 'RestError',
      code: 'ECONNRESET',
    });
  });

  it('drops the answer of a PATCH that took effect', async () => {
    const bench = withFault({ kind: 'drop', late: true }, { match: { method: 'PATCH' } });
    await assert.rejects(bench.call('PATCH', shop(), { properties: { customProperties: {} } }));
    assert.equal(bodyOf(await bench.call('GET', shop())).properties.provisioningState, 'Updating');
  });

  it('drops a PATCH before it took effect', async () => {
    const bench = withFault({ kind: 'drop' }, { match: { method: 'PATCH' } });
    await assert.rejects(bench.call('PATCH', shop(), { properties: { customProperties: {} } }));
    assert.equal(bodyOf(await bench.call('GET', shop())).properties.provisioningState, 'Succeeded');
  });

  it('hangs until the caller gives up', async () => {
    const controller = new AbortController();
    const call = withFault({ kind: 'hang' })
      .apim()
      .apiManagementService.get('rg-hub', 'contoso-hub', { abortSignal: controller.signal });
    const state = await Promise.race([
      call.then(() => 'answered'),
      new Promise((resolve) => setImmediate(() => resolve('pending'))),
    ]);
    assert.equal(state, 'pending');
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });
  });

  it('ends what hangs when the estate is closed', async () => {
    const controller = new AbortController();
    const bench = openBench({
      faults: createFaults([{ match: {}, times: 1, fault: { kind: 'hang' } }]),
      signal: controller.signal,
    });
    const call = bench.call('GET', hub());
    controller.abort();
    await assert.rejects(call);
  });
});

describe('faults on demand: operations', () => {
  async function change(fault: Fault) {
    const bench = withFault(fault, { match: { method: 'PATCH' } });
    const before = bodyOf(await bench.call('GET', shop())).properties.customProperties ?? {};
    const sent = {
      ...before,
      ...keys({ 'Security.Protocols.Tls10': 'false' }),
      ...keys({ 'Security.Protocols.Tls13': 'true' }),
    };
    const accepted = await bench.call('PATCH', shop(), { properties: { customProperties: sent } });
    assert.equal(accepted.status, 202);
    const location = new URL(accepted.headers['location'] ?? '').pathname;
    bench.clock.now += changeMs;
    return {
      bench,
      before,
      sent,
      poll: await bench.call('GET', location),
      after: bodyOf(await bench.call('GET', shop())),
    };
  }

  for (const [as, status] of [
    ['error', 400],
    ['status', 200],
    ['resource', 200],
  ] as const) {
    it(`fails, told as ${as}, and leaves the map as it was`, async () => {
      const { poll, after, before } = await change({ kind: 'operationFails', as });
      assert.equal(poll.status, status);
      const body = JSON.parse(poll.body) as {
        status?: string;
        error?: { code: string };
        properties?: { provisioningState: string };
      };
      if (as === 'resource') assert.equal(body.properties?.provisioningState, 'Failed');
      else assert.equal(body.error?.code, 'ActivationFailed');
      assert.deepEqual([after.properties.provisioningState, after.properties.customProperties], ['Failed', before]);
    });
  }

  it('never ends', async () => {
    const { bench, after } = await change({ kind: 'operationNeverEnds' });
    assert.equal(after.properties.provisioningState, 'Updating');
    bench.clock.now += 30 * 24 * 3_600_000;
    assert.equal(bodyOf(await bench.call('GET', shop())).properties.provisioningState, 'Updating');
  });

  it('loses a key without a word', async () => {
    const { sent, after } = await change({ kind: 'readBackLosesKey' });
    assert.equal(after.properties.provisioningState, 'Succeeded');
    const rest = Object.fromEntries(Object.entries(sent).filter(([key]) => !key.endsWith('.Security.Protocols.Tls13')));
    assert.deepEqual(after.properties.customProperties, rest);
    const named = await change({
      kind: 'readBackLosesKey',
      key: Object.keys(keys({ 'Security.Backend.Protocols.Tls10': '' }))[0]!,
    });
    assert.deepEqual(named.after.properties.customProperties, {
      ...sent,
      ...keys({ 'Security.Backend.Protocols.Tls10': 'False' }),
    });
  });
});
