// Sending a map once, and following what Azure makes of it.

import assert from 'node:assert/strict';
import { failureCode, isArmError } from '../../../src/core/failure.ts';
import type { Azure } from '../../../src/azure/access.ts';
import { operationUrl, scripted, service, serviceId } from './scriptedAzure.ts';
import type { Asked, Reply } from './scriptedAzure.ts';

const map = { 'Known.Key': 'false', 'Foreign.Kéy "x"': ' As It Was ' };
const accepted: Reply = { status: 202, headers: { location: operationUrl, 'retry-after': '0' } };
const running: Reply = { status: 202, headers: { location: operationUrl, 'retry-after': '0' } };
const isPoll = ({ path }: Asked) => path.includes('/operationresults/');

async function resumeOf(azure: Azure): Promise<string> {
  const start = await azure.beginUpdate(serviceId, map);
  assert.equal(start.kind, 'running');
  return start.kind === 'running' ? start.resume : '';
}

describe('beginUpdate', () => {
  it('sends the whole map and nothing else, once, and polls nothing', async () => {
    const { azure, asked } = scripted(() => accepted);
    await resumeOf(azure);
    assert.deepEqual(
      asked.map(({ method, path, body }) => ({ method, path, body })),
      [{ method: 'PATCH', path: serviceId, body: { properties: { customProperties: map } } }],
    );
  });

  it('gives a state to resume from that holds the address of the operation and no secret', async () => {
    const { azure } = scripted(() => ({
      ...accepted,
      headers: { ...accepted.headers, 'x-ms-secret': 'secret-header', etag: '"E"' },
    }));
    const resume = await resumeOf(azure);
    assert.deepEqual(JSON.parse(resume), {
      state: { status: 'running', config: { metadata: { mode: 'ResourceLocation' }, operationLocation: operationUrl } },
    });
    assert.doesNotMatch(resume, /secret|Bearer|token/i);
  });

  it('is done where the service saw no change', async () => {
    const { azure } = scripted(() => ({ body: service({ 'Known.Key': 'False' }) }));
    const start = await azure.beginUpdate(serviceId, map);
    assert.deepEqual(start.kind === 'done' && start.instance.customProperties, { 'Known.Key': 'False' });
  });

  const failures: readonly [string, Reply, string, number][] = [
    ['a dropped connection', { drops: true }, 'network', 1],
    ['500', { status: 500 }, 'unavailable', 1],
    ['503 with Retry-After', { status: 503, headers: { 'retry-after': '0' } }, 'unavailable', 1],
    ['a hanging request', { hangs: true }, 'timeout', 1],
    ['a page instead of JSON', { body: '<html></html>' }, 'portal', 1],
    ['409', { status: 409, body: { error: { code: 'ServiceLocked', message: 'Busy.' } } }, 'locked', 1],
    [
      '429 with a pause in which the instance may change',
      { status: 429, headers: { 'retry-after': '30' } },
      'throttled',
      1,
    ],
    ['429, which was not carried out', { status: 429, headers: { 'retry-after': '0' } }, 'throttled', 4],
  ];
  for (const [what, reply, code, times] of failures) {
    it(`sends a change ${times === 1 ? 'once' : `${times} times`} for ${what}`, async () => {
      const { azure, asked } = scripted(() => reply, { timeoutMs: 5 });
      await assert.rejects(azure.beginUpdate(serviceId, map), (error) => failureCode(error) === code);
      assert.equal(asked.filter(({ method }) => method === 'PATCH').length, times);
    });
  }

  it('cannot be aborted once it is on its way', async () => {
    const cancel = new AbortController();
    const { azure } = scripted(() => {
      cancel.abort();
      return accepted;
    });
    assert.equal((await azure.beginUpdate(serviceId, map, { signal: cancel.signal })).kind, 'running');
  });
});

/** Replies to the polls in turn, then to reads of the service -> what following comes to. */
interface Story {
  readonly polls: readonly Reply[];
  readonly reads?: readonly Reply[];
  readonly ends: 'Succeeded' | { readonly code: string; readonly message?: string };
  readonly pollsSent: number;
}

const changed = service({ 'Known.Key': 'false' });
const failedBody = { id: 'x', status: 'Failed', error: { code: 'ActivationFailed', message: 'No capacity.' } };
const stories: Readonly<Record<string, Story>> = {
  'an operation that ends well': { polls: [running, running, { body: changed }], ends: 'Succeeded', pollsSent: 3 },
  'faults on the way': {
    polls: [
      { drops: true },
      { status: 503 },
      { drops: true },
      { drops: true },
      { drops: true },
      { drops: true },
      running,
      { status: 429 },
      { body: '<html>' },
      { body: changed },
    ],
    ends: 'Succeeded',
    pollsSent: 10,
  },
  'an address that is gone': {
    polls: [running, { status: 404 }],
    reads: [{ body: service({}, 'Updating') }, { body: changed }],
    ends: 'Succeeded',
    pollsSent: 2,
  },
  'an address that is gone for good': {
    polls: [{ status: 410 }],
    reads: [{ body: changed }],
    ends: 'Succeeded',
    pollsSent: 1,
  },
  'an answer that states a failure': {
    polls: [running, { body: failedBody }],
    ends: { code: 'operationFailed', message: 'No capacity.' },
    pollsSent: 2,
  },
  'a refusal at the end': {
    polls: [{ status: 400, body: { error: failedBody.error } }],
    reads: [{ body: service({}, 'Updating') }, { body: service({}) }],
    ends: { code: 'operationFailed', message: 'No capacity.' },
    pollsSent: 1,
  },
  'a service that is left failed': {
    polls: [{ body: service({}, 'Failed') }],
    reads: [{ body: service({}, 'Failed') }],
    ends: { code: 'operationFailed' },
    pollsSent: 1,
  },
  'an address that only fails, with a service that is done': {
    polls: Array.from({ length: 40 }, () => ({ status: 500 })),
    reads: [{ body: service({}, 'Updating') }, { drops: true }, { body: changed }],
    ends: 'Succeeded',
    pollsSent: 24,
  },
  'a sign-in that has run out': { polls: [running, { status: 401 }], ends: { code: 'unauthorized' }, pollsSent: 2 },
  'a service that still moves after the end': {
    polls: [{ body: changed }],
    reads: [{ body: service({}, 'Updating') }, { body: changed }],
    ends: 'Succeeded',
    pollsSent: 1,
  },
};

describe('followUpdate', () => {
  for (const [what, story] of Object.entries(stories)) {
    it(`follows ${what}`, async () => {
      let polls = 0;
      let reads = 0;
      const reply = (one: Asked): Reply => {
        if (one.method === 'PATCH') return accepted;
        if (isPoll(one)) return story.polls[polls++] ?? { status: 418 };
        return story.reads?.[Math.min(reads++, story.reads.length - 1)] ?? { body: changed };
      };
      const first = scripted(reply);
      const resume = await resumeOf(first.azure);
      // As after a restart: nothing but the text is carried over.
      const second = scripted(reply);
      const work = second.azure.followUpdate(serviceId, resume);
      if (story.ends === 'Succeeded') assert.deepEqual((await work).customProperties, { 'Known.Key': 'false' });
      else {
        const { code, message } = story.ends;
        await assert.rejects(
          work,
          (error) =>
            isArmError(error) &&
            error.details.code === code &&
            (message === undefined || error.details.serviceMessage === message),
        );
      }
      assert.equal(second.asked.filter(isPoll).length, story.pollsSent);
      assert.equal(second.asked.filter(({ method }) => method !== 'GET').length, 0);
    });
  }

  for (const resume of ['', 'no JSON', '{"state":{"status":"running","config":{}}}']) {
    it(`follows by the service alone where the text to resume from is ${JSON.stringify(resume)}`, async () => {
      const { azure, asked } = scripted((_, index) => ({ body: service({}, index < 2 ? 'Updating' : 'Succeeded') }));
      assert.equal((await azure.followUpdate(serviceId, resume)).provisioningState, 'Succeeded');
      assert.equal(asked.length, 3);
    });
  }

  it('sends no token to another host, whatever the text says', async () => {
    const resume = JSON.stringify({
      state: {
        status: 'running',
        config: { metadata: { mode: 'ResourceLocation' }, operationLocation: 'https://elsewhere.example/x' },
      },
    });
    const cancel = new AbortController();
    let polls = 0;
    const onPoll = () => {
      if ((polls += 1) === 3) cancel.abort();
    };
    const { azure, asked } = scripted(() => ({ body: service({}) }));
    await assert.rejects(
      azure.followUpdate(serviceId, resume, { signal: cancel.signal, onPoll }),
      (error) => failureCode(error) === 'cancelled',
    );
    assert.equal(asked.length, 0);
  });

  it('stops at an abort, sends nothing more, and goes on from the same text', async () => {
    const cancel = new AbortController();
    const { azure, asked } = scripted((one, index) =>
      one.method === 'PATCH' ? accepted : index < 4 ? running : { body: changed },
    );
    const resume = await resumeOf(azure);
    const stopped = azure.followUpdate(serviceId, resume, { signal: cancel.signal, onPoll: () => cancel.abort() });
    await assert.rejects(stopped, (error) => failureCode(error) === 'cancelled');
    assert.equal(asked.length, 2);
    assert.equal((await azure.followUpdate(serviceId, resume)).provisioningState, 'Succeeded');
  });

  it('waits as long as Retry-After says, else its own interval, and longer after each fault', async () => {
    const pauses: number[] = [];
    const pause = (milliseconds: number) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    };
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const polls: readonly Reply[] = [
      { status: 202, headers: { 'retry-after': '60' } },
      { status: 202 },
      { status: 202, headers: { 'retry-after': later } },
      { hangs: true },
      { hangs: true },
      { body: changed },
    ];
    let index = 0;
    const reply = (one: Asked): Reply => (isPoll(one) ? (polls[index++] ?? {}) : { body: changed });
    const { azure } = scripted(reply, { pause, pollIntervalMs: 15_000, timeoutMs: 5 });
    const resume = JSON.stringify({
      state: { status: 'running', config: { metadata: { mode: 'ResourceLocation' }, operationLocation: operationUrl } },
    });
    await azure.followUpdate(serviceId, resume);
    const toTheDate = pauses[2] ?? 0;
    assert.ok(toTheDate > 3_590_000 && toTheDate <= 3_600_000, `${toTheDate} ms`);
    assert.deepEqual(pauses.toSpliced(2, 1), [60_000, 15_000, 30_000, 60_000]);
  });
});
