// The whole walk over real sockets: the packaged extension, a service principal through @azure/identity, and
// `npm run emulator` as a cloud of its own in a process of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { root, spawnGroup } from '../../scripts/processes.mjs';
import { answerModal, modal, notification, openView, runCommand, statusItem, treeRow } from '../support/gestures.ts';
import { ask } from '../support/rest.ts';
import { screenshot, startWorkbench, workbenchIsUp } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { clientTls10, openInstance, product, toggle } from './editor.ts';

/** The line that the emulator prints. */
interface Told {
  readonly arm: string;
  readonly authority: string;
  readonly logs: string;
  /** A PEM file. */
  readonly ca: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly subscriptions: readonly string[];
}

interface Emulator extends Told {
  /** Lines on standard output. */
  readonly lines: readonly string[];
  readonly end: () => Promise<{ readonly code: number | null }>;
}

/** A change takes eight seconds: long enough to reload the window meanwhile. */
async function startEmulator(): Promise<Emulator> {
  const args = ['run', '--silent', 'emulator', '--', '--change', '8'];
  const group = spawnGroup('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  assert.ok(group.child.stdout);
  const lines: string[] = [];
  const { promise: first, resolve, reject } = Promise.withResolvers<string>();
  createInterface(group.child.stdout).on('line', (line) => {
    lines.push(line);
    resolve(line);
  });
  void group.exited.then(({ code }) => reject(new Error(`The emulator ended with code ${code}.`)));
  const told = JSON.parse(await first) as Told;
  const end = async () => {
    await group.end();
    return group.exited;
  };
  return { ...told, lines, end };
}

const instance = 'contoso-shop-prod';

describe('the whole walk over real sockets', () => {
  let emulator: Emulator;
  let workbench: Workbench;
  let page: Page;

  before(async function () {
    this.timeout(180_000);
    emulator = await startEmulator();
    workbench = await startWorkbench({
      settings: { 'apimTls.estate': 'azure', 'apimTls.probe.connectionTimeout': 1 },
      machineSettings: {
        'apimTls.cloud': 'custom',
        'apimTls.customCloud.resourceManager': emulator.arm,
        'apimTls.customCloud.authority': emulator.authority,
        'apimTls.customCloud.logAnalytics': emulator.logs,
        'apimTls.signIn': 'servicePrincipal',
        'apimTls.servicePrincipal.tenantId': emulator.tenantId,
        'apimTls.servicePrincipal.clientId': emulator.clientId,
      },
      env: { NODE_EXTRA_CA_CERTS: emulator.ca },
    });
    page = workbench.page;
  });
  after(async () => {
    await workbench?.close();
    await emulator?.end();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await screenshot(page, `failed-sockets-${this.currentTest.title.slice(0, 30)}`);
  });

  /** The map as another client reads it, without the extension. */
  async function mapByRest(): Promise<Readonly<Record<string, string>>> {
    const { arm, authority, tenantId, ca: file, clientId: client_id, clientSecret: client_secret } = emulator;
    const ca = readFileSync(file, 'utf8');
    const scope = `${arm}/.default`;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, scope }).toString();
    const token = await ask(`${authority}/${tenantId}/oauth2/v2.0/token`, { ca, method: 'POST', body });
    const headers = { authorization: `Bearer ${(JSON.parse(token.body) as { access_token: string }).access_token}` };
    for (const subscription of emulator.subscriptions) {
      const list = `${arm}/subscriptions/${subscription}/providers/Microsoft.ApiManagement/service?api-version=2024-05-01`;
      const { value } = JSON.parse((await ask(list, { ca, headers })).body) as {
        value: readonly { name: string; properties: { customProperties: Record<string, string> } }[];
      };
      const found = value.find(({ name }) => name === instance);
      if (found) return found.properties.customProperties;
    }
    throw new Error(`There is no ${instance}.`);
  }

  const clientTls10Key = 'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10';
  let mapAtFirst: Readonly<Record<string, string>>;

  it('begins with one line of the emulator, and other clients read the same instances', async () => {
    mapAtFirst = await mapByRest();
    assert.equal(mapAtFirst[clientTls10Key]?.toLowerCase(), 'true');
    assert.equal(emulator.lines.length, 1);
  });

  it('signs in with the secret and shows the tree', async () => {
    await openView(page, product);
    await runCommand(page, `${product}: Store the secret of the service principal...`);
    await page.locator('.quick-input-widget:visible input[type="password"]').first().fill(emulator.clientSecret);
    await page.keyboard.press('Enter');
    await treeRow(page, /contoso-shop-prod.*TLS 1\.0\+ in/).waitFor();
    await treeRow(page, /Fabrikam.*does not have authorization/).waitFor();
  });

  it('edits, checks and applies', async () => {
    const frame = await openInstance(page, instance);
    await toggle(frame, clientTls10).click();
    await frame.getByRole('button', { name: 'Check' }).click();
    await frame.getByRole('button', { name: /^Apply/ }).click({ timeout: 90_000 });
    await modal(page).waitFor();
    assert.match((await modal(page).innerText()).replaceAll('\u00a0', ' '), /TLS 1\.0, client side: on → off/);
    await answerModal(page, 'Apply');
    await statusItem(page, /TLS: changing contoso-shop-prod/).waitFor();
  });

  it('follows the change through a reload to its end, and another client reads what was meant and nothing else', async () => {
    await page.reload();
    await workbenchIsUp(page);
    await notification(page, /contoso-shop-prod: the change is done and read back as sent/).waitFor();
    await treeRow(page, /contoso-shop-prod.*TLS 1\.1\+ in/).waitFor();
    const now = await mapByRest();
    const changed = [...new Set([...Object.keys(mapAtFirst), ...Object.keys(now)])].filter(
      (key) => mapAtFirst[key]?.toLowerCase() !== now[key]?.toLowerCase(),
    );
    assert.deepEqual(changed, [clientTls10Key]);
    assert.equal(now[clientTls10Key]?.toLowerCase(), 'false');
  });

  it('undoes it', async () => {
    const frame = await openInstance(page, instance);
    await frame
      .getByRole('button', { name: /^Undo the change of/ })
      .first()
      .click();
    await modal(page).waitFor({ timeout: 90_000 });
    await answerModal(page, 'Undo change');
    await notification(page, /contoso-shop-prod: the change is undone and read back/).waitFor();
    assert.equal((await mapByRest())[clientTls10Key]?.toLowerCase(), 'true');
  });

  it('leaves nothing behind when the emulator is ended', async () => {
    const { ca } = emulator;
    await emulator.end();
    assert.throws(() => readFileSync(ca), { code: 'ENOENT' });
  });
});
