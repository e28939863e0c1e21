// A service principal signs in to a cloud of its own: Entra ID and Azure Resource Manager over real sockets.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { openHttpsEmulator } from '../../src/emulator/httpsServer.ts';
import type { HttpsEmulator } from '../../src/emulator/httpsServer.ts';
import { notification, openView, runCommand, treeRow } from '../support/gestures.ts';
import { screenshot, startWorkbench } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { product } from './editor.ts';

/** Every file below a folder, read as it is on disk. */
function filesBelow(folder: string): readonly (readonly [string, Buffer])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .map((file) => [file, readFileSync(file)] as const);
}

describe('signing in with a service principal', () => {
  let folder: string;
  let emulator: HttpsEmulator;
  let workbench: Workbench;
  let page: Page;

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-principal-'));
    emulator = await openHttpsEmulator();
    const certificate = path.join(folder, 'ca.pem');
    writeFileSync(certificate, emulator.caPem);
    workbench = await startWorkbench({
      settings: { 'apimTls.estate': 'azure' },
      machineSettings: {
        'apimTls.cloud': 'custom',
        'apimTls.customCloud.resourceManager': emulator.arm,
        'apimTls.customCloud.authority': emulator.authority,
        'apimTls.signIn': 'servicePrincipal',
        'apimTls.servicePrincipal.tenantId': emulator.tenantId,
        'apimTls.servicePrincipal.clientId': emulator.clientId,
      },
      env: { NODE_EXTRA_CA_CERTS: certificate },
    });
    page = workbench.page;
    await openView(page, product);
  });
  after(async () => {
    await workbench.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await screenshot(page, `failed-principal-${this.currentTest.title.slice(0, 20)}`);
  });

  it('says what is missing', async () => {
    await notification(page, /The service principal is not complete/).waitFor();
  });

  const storeSecret = async (secret: string) => {
    await runCommand(page, `${product}: Store the secret of the service principal...`);
    await page.locator('.quick-input-widget:visible input[type="password"]').first().fill(secret);
    await page.keyboard.press('Enter');
  };

  it('says that a secret is wrong, without repeating it', async () => {
    await storeSecret('not-the-secret-of-it');
    const toast = notification(page, /Entra ID refused the secret/);
    await toast.waitFor();
    assert.doesNotMatch(await toast.innerText(), /not-the-secret-of-it/);
  });

  it('shows the instances with the right one, also after a reload', async () => {
    await storeSecret(emulator.clientSecret);
    await treeRow(page, 'contoso-shop-prod').waitFor();
    await page.reload();
    await openView(page, product);
    await treeRow(page, 'contoso-shop-prod').waitFor();
  });

  it('has written the secret into no file', () => {
    const holding = filesBelow(workbench.userDataDir).filter(([, content]) => content.includes(emulator.clientSecret));
    assert.deepEqual(
      holding.map(([file]) => file),
      [],
    );
  });
});
