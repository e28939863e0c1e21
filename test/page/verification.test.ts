// After a change: hosts and findings on the page.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { azurePaces, beginWatch, withReading } from '../../src/core/changeWatch.ts';
import type { ChangeWatch } from '../../src/core/changeWatch.ts';
import type { FailureRow } from '../../src/core/loggedFailures.ts';
import { axeSource, serious } from './axe.ts';
import { button, sent, startSite, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const now = Date.now();
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const seen = (state: 'confirmed' | 'stillOld' | 'notReached' | 'unknown', address: string | null) => ({
  ...{ address, at: at(-2), state, behaviour: state === 'notReached' ? 'unresolvable' : 'tls' },
  still: state === 'stillOld' ? (['client.tls10'] as const).slice() : [],
  open: state === 'unknown' ? (['client.tls10'] as const).slice() : [],
});

const hosts: ChangeWatch['hosts'] = [
  {
    ...{ host: 'contoso-payments.azure-api.net', kind: 'default', region: null, state: 'stillOld' },
    addresses: [seen('confirmed', '192.0.2.1:443'), seen('stillOld', '192.0.2.2:443')],
  },
  {
    host: 'api.contoso.example',
    kind: 'custom',
    region: null,
    state: 'notReached',
    addresses: [seen('notReached', null)],
  },
  {
    ...{ host: 'contoso-payments-uksouth-01.regional.azure-api.net', kind: 'regional', region: 'uksouth' },
    ...{ state: 'confirmed', addresses: [seen('confirmed', '192.0.2.3:443')] },
  },
];

const begun: ChangeWatch = beginWatch(
  {
    ...{ id: 'op-1', instanceId: '/i', instanceName: 'contoso-payments', kind: 'change', hosts },
    ...{ startedAt: at(-30), endedAt: at(-4), unseen: ['backend.tls10'] },
    expected: [{ id: 'client.tls10', accepted: false }],
  },
  azurePaces,
);
const row = (since: number, before: number, tls = 0): FailureRow => ({
  ...{ api: 'orders-api', reason: 'BackendConnectionFailure', host: 'orders.contoso.example' },
  ...{ since, before, tls, lastSeen: at(-1) },
});
const read = (rows: readonly FailureRow[]): ChangeWatch =>
  withReading(
    begun,
    {
      state: 'read',
      window: { from: at(-60), changedAt: at(-30), to: at(0) },
      source: { workspaceId: '/w', table: 'dedicated' },
      rows,
      cut: false,
      versions: [
        { version: 'tls10', since: 0, before: 90 },
        { version: 'tls12', since: 400, before: 380 },
      ],
    },
    at(0),
    azurePaces,
  );

const push = (page: Page, watch: ChangeWatch) =>
  page.evaluate(`window.fakeHost.push({ watch: ${JSON.stringify(watch)} })`);
const section = (page: Page) => page.getByRole('region', { name: 'After the last change' });

describe('the editor page, after a change', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('has nothing to say where no change was seen to its end', async () => {
    const page = await site.open({ scenario: 'classic' });
    assert.equal(await section(page).count(), 0);
  });

  it('shows each host, region and address with its state in words, and looks again when asked to', async () => {
    const page = await site.open({ scenario: 'classic' }, axeSource);
    await push(page, begun);
    await section(page).waitFor();
    const rows = section(page).getByRole('row');
    assert.equal(await rows.count(), 4);
    const texts = await rows.allInnerTexts();
    assert.match(
      texts[1] ?? '',
      /Still as before[\s\S]*192\.0\.2\.1:443: refuses TLS 1\.0[\s\S]*192\.0\.2\.2:443: still accepts TLS 1\.0/,
    );
    assert.match(texts[2] ?? '', /Not reached from here[\s\S]*Name cannot be resolved/);
    assert.match(texts[3] ?? '', /uksouth[\s\S]*Seen to follow the change/);
    const text = await section(page).innerText();
    assert.match(text, /Hosts that do not show it yet are probed again\. The logs are watched until/);
    assert.match(text, /Changed, and not to be seen at the hosts: TLS 1\.0, backend side\./);
    assert.match(text, /The logs have not been asked yet\./);
    await button(page, 'Probe again').click();
    await untilSent(page, 'lookAgain');
    await button(page, 'Stop watching').click();
    await untilSent(page, 'stopWatching');
    assert.deepEqual(
      [...(await sent(page, 'lookAgain')), ...(await sent(page, 'stopWatching'))].map(({ argument }) => argument),
      [{ id: 'op-1' }, { id: 'op-1' }],
    );
    assert.deepEqual(await serious(page), []);
  });

  it('alarms of failures that are new, with the way back, and calls what was so before by its name', async () => {
    for (const theme of ['light', 'hc']) {
      const page = await site.open({ scenario: 'classic', theme }, axeSource);
      await push(page, read([row(37, 0, 12)]));
      const sentence =
        '37 requests to orders-api failed with BackendConnectionFailure since the change, 0 in the same time before.';
      await page.getByRole('alert').getByText(sentence).waitFor();
      assert.match(await section(page).innerText(), /12 of them name TLS or a certificate as the reason/);
      assert.match(
        await section(page).innerText(),
        /90 requests came with TLS 1\.0 in the same time before the change, none since/,
      );
      await section(page).getByRole('button', { name: 'Undo…' }).click();
      await untilSent(page, 'undo');
      assert.deepEqual((await sent(page, 'undo'))[0]?.argument, { id: 'op-1' });
      await page.getByRole('alert').getByRole('button', { name: 'Show findings' }).click();
      assert.equal(await page.locator(':focus').innerText(), 'After the last change');
      assert.deepEqual(await serious(page), []);
    }
    const calm = await site.open({ scenario: 'classic' });
    await push(calm, read([row(12, 0, 12)]));
    await section(calm).getByText('All of them name TLS or a certificate as the reason').waitFor();
    await push(calm, read([row(12, 12)]));
    await section(calm).getByText('It was so before.').waitFor();
    assert.equal(await calm.getByRole('alert').count(), 0);
    assert.equal(await section(calm).getByRole('button', { name: 'Undo…' }).count(), 0);
  });

  it('says so where the logs cannot be asked, where nothing failed, and where it has ended', async () => {
    const page = await site.open({ scenario: 'classic' });
    await push(page, { ...begun, logsProblem: 'The instance has no diagnostic setting.', logsNextAt: null });
    await section(page).getByText('The instance has no diagnostic setting.').waitFor();
    await push(page, { ...read([]), hostsNextAt: null, logsNextAt: null, ended: 'done' });
    await section(page).getByText('No failed connection since the change.').waitFor();
    const text = await section(page).innerText();
    assert.match(text, /It is no longer watched\./);
    assert.equal(await button(page, 'Stop watching').count(), 0);
  });
});
