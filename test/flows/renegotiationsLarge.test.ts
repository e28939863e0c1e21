// The estimate for an instance with 300 APIs and 2,000 operations, each with a policy: how many requests it takes, what
// is kept, and what becomes of it where Azure has no batches.

import assert from 'node:assert/strict';
import { connectAzure } from '../../src/azure/connect.ts';
import type { ConnectedAzure } from '../../src/azure/connect.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { failureCode } from '../../src/core/failure.ts';
import { sourceLine } from '../../src/core/renegotiationText.ts';
import { sampleToken } from '../../src/emulator/account.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { createFaults } from '../../src/emulator/faults.ts';
import type { Faults } from '../../src/emulator/faults.ts';
import { createAzure } from '../../src/emulator/handler.ts';
import { emulatorHttpClient } from '../../src/emulator/httpClient.ts';
import { largeInstance, largeInstanceSize } from '../../src/emulator/largeInstance.ts';
import { serviceId } from '../../src/emulator/model.ts';
import type { SampleService } from '../../src/emulator/model.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { readReadiness } from '../../src/flows/readReadiness.ts';
import { readRenegotiations } from '../../src/flows/readRenegotiations.ts';

const { id: subscriptionId = '' } = sampleEstate.subscriptions[0] ?? {};
const service = largeInstance({ subscriptionId, resourceGroup: 'rg-large', name: 'contoso-large' }, 'contoso-logs');
const id = serviceId(service);
const thirty = { days: 30 } as const;

interface Large {
  readonly azure: ConnectedAzure;
  readonly faults: Faults;
  /** Every request to Azure Resource Manager, as method and path. */
  readonly requests: string[];
  /** Bytes of all answers. */
  readonly received: () => number;
  readonly pass: (milliseconds: number) => void;
}

/** 200 operations in each of the 300 APIs; one in thirty has a policy of its own. */
function manyOperations(): SampleService {
  const size = { ...largeInstanceSize, operations: 60_000 };
  const many = largeInstance(
    { subscriptionId, resourceGroup: 'rg-large', name: 'contoso-large' },
    'contoso-logs',
    size,
  );
  const apis = (many.apis ?? []).map((api) => ({
    ...api,
    operations: (api.operations ?? []).map(({ policy = '', ...operation }, index) =>
      index % 30 === 1 ? { ...operation, policy } : operation,
    ),
  }));
  return { ...many, apis };
}

function openLarge(own: SampleService = service): Large {
  let clock = Date.UTC(2026, 10, 20, 12);
  const faults = createFaults();
  const estate = { ...sampleEstate, services: [own] };
  const sample = createAzure({ estate, store: memoryStore(), now: () => clock, faults });
  const client = emulatorHttpClient(sample.handle);
  const requests: string[] = [];
  let received = 0;
  const azure = connectAzure({
    cloud: clouds.public,
    accountLabel: 'somebody',
    credentialFor: (tenantId) => ({
      getToken: () =>
        Promise.resolve({
          token: sampleToken(tenantId ?? sampleEstate.tenants[0]?.id ?? ''),
          expiresOnTimestamp: clock + 3_600_000,
        }),
    }),
    httpClient: {
      sendRequest: async (request) => {
        const { origin, pathname, search } = new URL(request.url);
        if (origin === new URL(clouds.public.arm).origin) requests.push(`${request.method} ${pathname}${search}`);
        const answer = await client.sendRequest(request);
        received += answer.bodyAsText?.length ?? 0;
        return answer;
      },
    },
    now: () => new Date(clock),
    pause: (milliseconds) => {
      clock += milliseconds;
      return Promise.resolve();
    },
    retry: { delayMs: 0 },
  });
  return { azure, faults, requests, received: () => received, pass: (milliseconds) => void (clock += milliseconds) };
}

/** Further pages of lists, and of the results of batches: they come as often as there is something on them. */
const isPage = (request: string) => /^GET .*[?&](\$|%24)skip=/.test(request);
const withoutPages = (requests: readonly string[]) => requests.filter((request) => !isPage(request));
const policiesLine = (sources: Parameters<typeof sourceLine>[0][]) =>
  sources.flatMap(sourceLine).find(({ text }) => text.startsWith('Policies: '))?.text;

describe('readRenegotiations of a large instance', function () {
  this.timeout(60_000);

  it('takes at most 40 requests beyond pages of lists, reads every policy, and loses no row', async () => {
    const { azure, requests } = openLarge();
    const instance = await azure.readInstance(id);
    const before = requests.length;
    const list = await readRenegotiations(azure, instance, thirty);
    const sent = requests.slice(before);
    const beyond = withoutPages(sent);
    assert.ok(beyond.length <= 40, beyond.join('\n'));
    assert.equal(policiesLine([...list.sources]), 'Policies: all 2,361 were read.');
    const asking = (service.apis ?? []).flatMap((api, index) =>
      (api.operations ?? []).filter(
        (_, number) => index % 10 === 0 || (index + number) % 10 === 1 || (index % 60) % 10 === 0,
      ),
    );
    assert.equal(list.rows.length, asking.length);
    assert.ok(list.rows.every(({ operation }) => /^GET \/things\/\d+$/.test(operation)));
    assert.equal(list.more, false);
  });

  it('takes at most 40 requests for the whole evidence, backends and traffic included', async () => {
    const { azure, requests } = openLarge();
    const probe = { surveyAll: () => Promise.resolve([]) };
    const { failures } = await readReadiness({ azure, instanceId: id, days: 30, probe });
    assert.deepEqual(failures, []);
    const beyond = withoutPages(requests.filter((request) => !/^GET \/(tenants|subscriptions)\?/.test(request)));
    assert.ok(beyond.length <= 40, beyond.join('\n'));
    assert.equal(beyond.filter((request) => request.includes('allPolicies')).length, 1, 'policies are read once');
  });

  it('takes no more for 60,000 operations, and says what of the logs it has left', async () => {
    const { azure, requests } = openLarge(manyOperations());
    const probe = { surveyAll: () => Promise.resolve([]) };
    const { failures, input } = await readReadiness({ azure, instanceId: id, days: 30, probe });
    assert.deepEqual(failures, []);
    const beyond = withoutPages(requests.filter((request) => !/^GET \/(tenants|subscriptions)\?/.test(request)));
    assert.ok(beyond.length <= 40, beyond.join('\n'));
    assert.equal(input.asking?.complete, false);
    assert.match(input.asking.sources.join(), /there is more than was read/);
    const before = requests.length;
    await readReadiness({ azure, instanceId: id, days: 30, probe });
    const again = requests.slice(before).filter((request) => /\/batch|allPolicies|diagnosticSettings/.test(request));
    assert.ok(!again.some((request) => /allPolicies|diagnosticSettings/.test(request)), again.join('\n'));
  });

  it('reads no text twice for two who ask at once, and takes no more requests where texts are left', async () => {
    const { azure, requests, faults } = openLarge();
    faults.add({ match: { path: /^\/batch/ }, times: Infinity, fault: { kind: 'notFound' } });
    const instance = await azure.readInstance(id);
    const before = requests.length;
    const [one, other] = await Promise.all([azure.readPolicies(id), azure.readPolicies(id)]);
    assert.ok(one.unread.length > 2000 && one === other);
    assert.ok(withoutPages(requests.slice(before)).length <= 40 - 12);
    assert.ok((await readRenegotiations(azure, instance, thirty)).more, 'the next reading goes on');
  });

  it('lets others have their turn while it is put together', async () => {
    const { azure } = openLarge();
    const instance = await azure.readInstance(id);
    await readRenegotiations(azure, instance, thirty);
    // Everything is known now but the names of operations: between two readings there is the estimate alone.
    const cancel = new AbortController();
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns === 3) cancel.abort();
      else setImmediate(count);
    };
    const readPolicies: typeof azure.readPolicies = async (...asked) => {
      const reading = await azure.readPolicies(...asked);
      setImmediate(count);
      return reading;
    };
    await assert.rejects(
      readRenegotiations({ ...azure, readPolicies }, instance, {
        ...thirty,
        signal: cancel.signal,
        onProgress: ({ step }) => assert.notEqual(step, 'operations', 'cancelled before it was put together'),
      }),
      (error) => failureCode(error) === 'cancelled',
    );
  });

  it('gives what it has read again, and asks later whether texts have changed', async () => {
    const { azure, requests, received, pass } = openLarge();
    const instance = await azure.readInstance(id);
    const first = await readRenegotiations(azure, instance, thirty);
    const whole = received();
    const before = requests.length;
    const second = await readRenegotiations(azure, instance, thirty);
    assert.deepEqual(second.rows, first.rows);
    assert.equal(requests.slice(before).filter((request) => request.includes('allPolicies')).length, 0);
    pass(6 * 60_000);
    const between = received();
    const third = await readRenegotiations(azure, instance, thirty);
    const places = (list: typeof first) =>
      list.rows.map(({ api, operation, requests: count }) => [api, operation, count]);
    assert.deepEqual(places(third), places(first));
    assert.ok(received() - between < 0.6 * whole, `${received() - between} bytes after ${whole}`);
    assert.ok(requests.slice(before).some((request) => request.includes('allPolicies')));
  });

  it('reads the policies with the most requests first where there are no batches, says what is left, and goes on', async () => {
    const { azure, requests, faults } = openLarge();
    faults.add({ match: { path: /^\/batch/ }, times: Infinity, fault: { kind: 'notFound' } });
    const instance = await azure.readInstance(id);
    const before = requests.length;
    const first = await readRenegotiations(azure, instance, thirty);
    const beyond = withoutPages(requests.slice(before));
    assert.ok(beyond.length <= 40, beyond.join('\n'));
    const left = (list: typeof first) =>
      Number(/: ([\d,]+) of/.exec(policiesLine([...list.sources]) ?? '')?.[1]?.replace(',', ''));
    assert.ok(first.more);
    assert.ok(left(first) > 2300 && left(first) < 2361, policiesLine([...first.sources]));
    const second = await readRenegotiations(azure, instance, thirty);
    assert.ok(left(second) <= left(first) - 20, `${left(first)}, then ${left(second)}`);
  });

  it('is cancelled in the middle of a batch, and keeps nothing of it', async () => {
    const { azure, faults } = openLarge();
    const instance = await azure.readInstance(id);
    const cancel = new AbortController();
    await assert.rejects(
      readRenegotiations(azure, instance, {
        ...thirty,
        signal: cancel.signal,
        onProgress: ({ step, done }) => step === 'policies' && done >= 500 && cancel.abort(),
      }),
      (error) => failureCode(error) === 'cancelled',
    );
    faults.clear();
    const list = await readRenegotiations(azure, instance, thirty);
    assert.equal(policiesLine([...list.sources]), 'Policies: all 2,361 were read.');
  });
});
