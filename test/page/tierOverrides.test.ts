// Locks of a tier that the operator's setting opens, on the page.

import assert from 'node:assert/strict';
import { makeScenario } from '../../webview/standalone/scenarios.ts';
import { isSet, plan, startSite, summarySays, toggle } from './browser.ts';
import type { Site } from './browser.ts';

const suite = 'TLS_RSA_WITH_AES_128_CBC_SHA';

describe('the editor page, locks of tiers', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('opens what the setting opens, says whose word that is, and warns in the plan', async () => {
    const page = await site.open({ scenario: 'consumption' });
    const suites = page.getByRole('region', { name: 'Cipher suites', exact: true });
    await suites.getByText('The Consumption tier does not let cipher suites be changed.').first().waitFor();
    assert.equal(await toggle(page, suite).count(), 0);
    const { instance } = makeScenario('consumption', Date.now()).state;
    const opened = JSON.stringify({ ...instance, unlocked: ['cipherSuites'] });
    await page.evaluate(`window.fakeHost.push({ instance: ${opened} })`);
    await suites
      .locator('.lock-note')
      .getByText(/Unlocked for the Consumption tier by your setting/)
      .waitFor();
    await toggle(page, suite).click();
    await isSet(page, suite, false);
    await summarySays(page, /^1 change\b/);
    await plan(page)
      .getByText(/the Consumption tier does not let this be changed: TLS_RSA.*Azure may refuse/)
      .waitFor();
    assert.equal(await toggle(page, 'SSL 3.0, client side').count(), 0, 'the other lock holds');
  });
});
