// What an editor panel reads as evidence: nothing that was cancelled, is of another window, or is older than what is shown.

import assert from 'node:assert/strict';
import '../../support/vscode.ts';
import { ArmError } from '../../../src/core/failure.ts';
import type { BackendTraffic } from '../../../src/core/backendTraffic.ts';
import type { Connectivity } from '../../../src/core/connectivity.ts';
import type { Traffic, TrafficDays } from '../../../src/core/traffic.ts';
import type { Services } from '../../../src/ui/services.ts';
import { backendHost, instance } from '../../support/instances.ts';

const source = { workspaceId: '/w', table: 'dedicated' } as const;
const traffic = (days: TrafficDays, readAt: string): Traffic => ({ state: 'noData', source, days, readAt });
const [early, late] = ['2026-11-20T11:00:00.000Z', '2026-11-20T12:00:00.000Z'];

/** Services of which only what is asked of them is there; `azure` answers when it is told to. */
function servicesWith(more: object): Services {
  const state = new Map<string, unknown>();
  const globalState = {
    get: (key: string) => state.get(key),
    update: (key: string, value: unknown) => state.set(key, value),
  };
  return { context: { globalState }, log: { error: () => undefined }, ...more } as unknown as Services;
}

/** A question that is answered by hand, in any order. */
function asked<Answer>() {
  const answers: PromiseWithResolvers<Answer>[] = [];
  const ask = () => {
    const answer = Promise.withResolvers<Answer>();
    answers.push(answer);
    return answer.promise;
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { ask, answers, settled };
}

const named = (azure: object) => servicesWith({ connection: () => Promise.resolve({ azure }) });

describe('the traffic of a panel', () => {
  const open = async () => {
    const { openTraffic } = await import('../../../src/ui/panels/traffic.ts');
    const { ask, answers, settled } = asked<Traffic>();
    return { answers, settled, panel: openTraffic(named({ readTraffic: ask }), '/one', () => undefined) };
  };

  it('is as it was as soon as it is cancelled, whatever comes afterwards', async () => {
    const { panel, answers, settled } = await open();
    const reading = panel.read({ days: 30, fresh: false });
    await settled();
    panel.cancel();
    assert.equal(panel.view().reading, false, 'at once');
    answers[0]?.resolve(traffic(30, early));
    await reading;
    assert.equal(panel.view().found, null);
  });

  it('is that of the newest reading, in whatever order answers come', async () => {
    const { panel, answers, settled } = await open();
    const [first, second] = [panel.read({ days: 30, fresh: false }), panel.read({ days: 7, fresh: false })];
    await settled();
    answers[1]?.resolve(traffic(7, early));
    answers[0]?.resolve(traffic(30, late));
    await Promise.all([first, second]);
    assert.deepEqual([panel.view().days, panel.view().found?.days], [7, 7]);
  });

  it('takes from a check what is newer and of the same window', async () => {
    const { panel } = await open();
    panel.take(traffic(30, late));
    panel.take(traffic(30, early));
    panel.take(traffic(90, '2026-11-20T13:00:00.000Z'));
    assert.deepEqual([panel.view().found?.days, panel.view().found?.readAt], [30, late]);
  });

  it('has the window that was chosen, without a reading, and no numbers of another one', async () => {
    const { panel, answers } = await open();
    panel.take(traffic(30, late));
    panel.choose(90);
    assert.deepEqual([panel.view().days, panel.view().found, answers.length], [90, null, 0]);
  });

  it('is forgotten with the account that read it, and so is what is on its way', async () => {
    const { panel, answers, settled } = await open();
    panel.take(traffic(30, early));
    const reading = panel.read({ days: 30, fresh: true });
    await settled();
    panel.forget();
    answers[0]?.resolve(traffic(30, late));
    await reading;
    assert.deepEqual([panel.view().found, panel.view().reading], [null, false]);
  });
});

describe('the backends in the logs of a panel', () => {
  it('do not go back to an earlier reading, and not to one that was cancelled', async () => {
    const { openSeenBackends } = await import('../../../src/ui/panels/seenBackends.ts');
    const { ask, answers, settled } = asked<BackendTraffic>();
    const panel = openSeenBackends(named({ readBackendTraffic: ask }), '/one', () => undefined);
    panel.take(traffic(30, late) as BackendTraffic);
    panel.take(traffic(30, early) as BackendTraffic);
    assert.equal(panel.view().found?.readAt, late);
    const reading = panel.read({ days: 30, fresh: true });
    await settled();
    panel.cancel();
    assert.equal(panel.view().reading, false);
    answers[0]?.resolve(traffic(30, '2026-11-20T13:00:00.000Z') as BackendTraffic);
    await reading;
    assert.equal(panel.view().found?.readAt, late);
    panel.forget();
    assert.equal(panel.view().found, null);
  });
});

describe('the renegotiations of a panel', () => {
  it('stop at once when they are cancelled, and take nothing that comes afterwards', async () => {
    const { openRenegotiations } = await import('../../../src/ui/panels/renegotiations.ts');
    const connecting = Promise.withResolvers<unknown>();
    const services = servicesWith({ connection: () => connecting.promise });
    const panel = openRenegotiations(services, 'one', () => undefined);
    const reading = panel.read(instance({ tier: 'StandardV2' }), { days: 30, fresh: false });
    assert.notEqual(panel.view().progress, null);
    panel.cancel();
    assert.equal(panel.view().progress, null);
    connecting.resolve({ azure: {} });
    await reading;
    assert.equal(panel.view().found, null);
  });
});

describe('the connectivity checks of a panel', () => {
  const reached: Connectivity = {
    ...{ state: 'reached', statusText: 'Connected', latencyMs: 1, sent: 1, failed: 0, address: '', issues: [] },
  };
  const one = instance({ tier: 'Premium' });
  const host = { ...backendHost, host: 'a.example' };
  const key = 'a.example:443';
  const open = async () => {
    const { ConnectivityChecks } = await import('../../../src/ui/connectivity.ts');
    const { openConnectivity } = await import('../../../src/ui/panels/connectivity.ts');
    const { ask, answers, settled } = asked<Connectivity>();
    const connectivity = new ConnectivityChecks();
    const connection = { azure: { checkConnectivity: ask } };
    const services = servicesWith({ connectivity, connection: () => Promise.resolve(connection) });
    return { answers, settled, connectivity, connection, panel: openConnectivity(services, one.id, () => undefined) };
  };

  it('can be made again as soon as they were cancelled, and take nothing that comes afterwards', async () => {
    const { panel, answers, settled } = await open();
    const first = panel.check(one, [host]);
    await settled();
    panel.cancel();
    assert.deepEqual(panel.view()[key], undefined);
    const second = panel.check(one, [host]);
    await settled();
    answers[0]?.resolve(reached);
    await first;
    assert.deepEqual([panel.view()[key]?.found, panel.view()[key]?.running], [null, true]);
    answers[1]?.resolve(reached);
    await second;
    assert.equal(panel.view()[key]?.found?.regions.length, 1 + one.otherRegions.length);
  });

  it('say nothing of a failure that is older than what was told since', async () => {
    const { panel, answers, settled, connectivity, connection } = await open();
    const failing = panel.check(one, [host]);
    await settled();
    answers[0]?.reject(new ArmError({ code: 'forbidden' }));
    await failing;
    assert.notEqual(panel.view()[key]?.problem, '');
    const problemAt = Date.now();
    while (Date.now() === problemAt) await settled();
    const elsewhere = connectivity.check(connection as never, one, host, new AbortController().signal);
    await settled();
    answers[1]?.resolve(reached);
    await elsewhere;
    assert.equal(panel.view()[key]?.problem, '');
  });

  it('are nobody’s when the account is left meanwhile', async () => {
    const { panel, answers, settled, connectivity } = await open();
    const checking = panel.check(one, [host]);
    await settled();
    connectivity.clear();
    answers[0]?.resolve(reached);
    await checking;
    assert.equal(panel.view()[key]?.found ?? null, null);
  });
});
