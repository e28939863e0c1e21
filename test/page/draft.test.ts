// The draft over time: reloads, changes made elsewhere, its own change having come true.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instance } from '../../src/core/instance.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { conflictOf, emptyDraft, isEmpty, rebase, restoreDraft, saveDraft, settle } from '../../webview/draft.ts';
import { makeScenario } from '../../webview/standalone/scenarios.ts';
import { button, isDisabled, isSet, plan, startSite, summarySays, toggle } from './browser.ts';
import type { Site } from './browser.ts';

const key = (name: string) => `${keyPrefix}${name}`;

describe('the draft', () => {
  const { instance } = makeScenario('classic', Date.UTC(2026, 10, 20)).state;
  const held = (part: Record<string, string>): Instance => ({
    ...instance,
    etag: 'other',
    customProperties: { ...instance.customProperties, ...part },
  });
  const changes: DraftChanges = { 'client.tls10': 'off', 'backend.tls10': 'off' };
  const draft = { ...emptyDraft(instance), changes };

  it('follows an instance whose map stayed the same', () => {
    const settled = settle(draft, { ...instance, etag: 'other' });
    assert.deepEqual(settled, { base: { etag: 'other', map: instance.customProperties }, changes });
  });

  it('stays on its base where the map changed, and tells the difference', () => {
    const other = held({ [key('Security.Protocols.Tls11')]: 'False' });
    const settled = settle(draft, other);
    assert.equal(settled, draft);
    assert.deepEqual(conflictOf(settled, other), [
      { key: key('Security.Protocols.Tls11'), before: 'True', after: 'False' },
    ]);
  });

  it('keeps what is still wanted when it is rebased, and drops what is so already', () => {
    const other = held({ [key('Security.Protocols.Tls10')]: 'false', [key('Protocols.Server.Http2')]: 'True' });
    assert.deepEqual(rebase(draft, other).changes, { 'backend.tls10': 'off' });
    assert.deepEqual(conflictOf(rebase(draft, other), other), []);
  });

  it('waits while Azure does not state the map', () => {
    const silent = { ...instance, customProperties: null };
    assert.equal(settle(draft, silent), draft);
    assert.deepEqual(conflictOf(draft, silent), []);
  });

  it('is kept for its own instance only, and only where its shape is right', () => {
    const kept: unknown = JSON.parse(JSON.stringify(saveDraft(instance, draft)));
    assert.deepEqual(restoreDraft(kept, instance).changes, changes);
    assert.deepEqual(restoreDraft(kept, { ...instance, id: '/another' }).changes, {});
    assert.deepEqual(restoreDraft({ ...(kept as object), changes: { 'client.tls99': 'off' } }, instance).changes, {});
    assert.deepEqual(restoreDraft('nonsense', instance).changes, {});
  });

  it('is empty once its own map has been written, whatever it was', () => {
    const ids = [
      'client.tls10',
      'client.tls11',
      'client.http2',
      'client.tls13',
      'backend.ssl3',
      'cipher.TLS_RSA_WITH_AES_256_CBC_SHA',
    ];
    const some = fc.dictionary(fc.constantFrom(...ids), fc.constantFrom('on', 'off', 'default'));
    fc.assert(
      fc.property(some, (wanted) => {
        const begun = rebase({ ...emptyDraft(instance), changes: wanted }, instance);
        const written = { ...instance, etag: 'written', customProperties: mapForDraft(instance, begun.changes) };
        assert.equal(isEmpty(settle(begun, written)), true);
      }),
    );
  });
});

describe('the editor page, the draft over time', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('keeps the draft over a reload of the page', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await toggle(page, 'HTTP/2, client side').click();
    await summarySays(page, /^2 changes/);
    await page.reload();
    await summarySays(page, /^2 changes/);
    await isSet(page, 'TLS 1.0, client side', false);
    await isSet(page, 'HTTP/2, client side', true);
  });

  it('says when the instance changed elsewhere, holds the save, and rebases', async () => {
    const page = await site.open({ scenario: 'elsewhere' });
    await toggle(page, 'TLS 1.0, client side').click();
    const notice = page.getByRole('alert').filter({ hasText: 'changed elsewhere' });
    await notice.waitFor();
    assert.match(await notice.innerText(), /Security\.Protocols\.Tls11: True → False/);
    await isDisabled(page, 'Apply…', true);
    await isDisabled(page, 'Check', true);
    await notice.getByRole('button', { name: 'Rebase draft' }).click();
    await notice.waitFor({ state: 'detached' });
    await summarySays(page, /^1 change\b/);
    await isSet(page, 'TLS 1.1, client side', false);
    await isSet(page, 'HTTP/2, client side', true);
    await isDisabled(page, 'Apply…', false);
  });

  it('lets the draft be discarded instead', async () => {
    const page = await site.open({ scenario: 'elsewhere' });
    await toggle(page, 'TLS 1.0, client side').click();
    await button(page, 'Discard draft').click();
    await page.locator('#conflict').waitFor({ state: 'detached' });
    await summarySays(page, /^No changes/);
  });

  it('empties itself when its own change has come true', async () => {
    const page = await site.open({ scenario: 'classic', operation: 400 });
    await toggle(page, 'HTTP/2, client side').click();
    await button(page, 'Apply…').click();
    await page.getByText('Azure is making your change.').waitFor();
    await isDisabled(page, 'Apply…', true);
    await page.getByText('The change is in effect').waitFor();
    await summarySays(page, /^No changes/);
    assert.equal(await page.locator('#conflict').count(), 0);
    await isSet(page, 'HTTP/2, client side', true);
    assert.match(await plan(page).innerText(), /No changes yet/);
  });
});
