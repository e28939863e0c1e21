// Signing in with VS Code's accounts, over a proxy, to a cloud that only the machine's own certificates vouch for.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { clouds } from '../../src/azure/clouds.ts';
import { bearerToken, missingToken } from '../../src/emulator/account.ts';
import type { Gate } from '../../src/emulator/account.ts';
import { armError, jsonAnswer } from '../../src/emulator/answer.ts';
import type { ArmAnswer, ArmRequest } from '../../src/emulator/answer.ts';
import { createAuthority, ecKey } from '../../src/emulator/certificate.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { createAzure } from '../../src/emulator/handler.ts';
import { openHttpsListener } from '../../src/emulator/httpsListener.ts';
import type { HttpsListener } from '../../src/emulator/httpsListener.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { accountsVariable, readAsked, readToken, writeAccounts } from '../support/authProvider/accounts.ts';
import { buildAuthProvider } from '../support/authProvider/build.ts';
import { openConnectProxy } from '../support/connectProxy.ts';
import type { ConnectProxy } from '../support/connectProxy.ts';
import {
  answerModal,
  modal,
  notification,
  openView,
  quickPick,
  rowAction,
  runCommand,
  treeRow,
} from '../support/gestures.ts';
import { screenshot, startWorkbench } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { product } from './editor.ts';

const anna = 'anna@contoso.example';
const bert = 'bert@fabrikam.example';
const [contoso, fabrikam] = sampleEstate.tenants.map(({ id }) => id) as [string, string];
const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const host = new URL(clouds.public.arm).host;

/** The partner's subscription can be read, and holds one instance. */
function estateOfTwo() {
  const partner = sampleEstate.subscriptions.find(({ tenantId }) => tenantId === fabrikam)?.id ?? '';
  return {
    ...sampleEstate,
    subscriptions: sampleEstate.subscriptions.map(({ id, name, tenantId }) => ({ id, name, tenantId })),
    services: sampleEstate.services.map((service) =>
      service.name === 'contoso-archive' ? { ...service, subscriptionId: partner } : service,
    ),
  };
}

/** Bert's tenant wants more than a plain token of him, as continuous access evaluation does. */
const gate: Gate = (request) => {
  const token = bearerToken(request);
  if (token === undefined) return missingToken(clouds.public.authority);
  const { account, tenant, proven } = readToken(token);
  if (account === bert && tenant === fabrikam && !proven) {
    const header = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
    return armError(401, 'AuthenticationFailed', 'More proof is wanted.', { 'www-authenticate': header });
  }
  return { tenantId: tenant === '' ? null : tenant, authority: clouds.public.authority };
};

async function openArm(): Promise<{
  readonly listener: HttpsListener;
  readonly caPem: string;
  readonly seen: string[];
}> {
  const authority = createAuthority(await ecKey(), Date.now());
  const day = 86_400_000;
  const [notBefore, notAfter] = [Date.now() - day, Date.now() + day];
  const leaf = authority.issue({ names: [host], key: await ecKey(), notBefore, notAfter });
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const listener = await openHttpsListener({ key, cert: leaf.pem, port: 0 });
  const azure = createAzure({
    estate: estateOfTwo(),
    store: memoryStore(),
    gate,
    signal: new AbortController().signal,
  });
  const seen: string[] = [];
  listener.answerWith((request) => {
    const url = request.url.replace(listener.origin, clouds.public.arm);
    seen.push(new URL(url).pathname);
    return tenantsOf(request, url) ?? azure.handle({ ...request, url });
  });
  return { listener, caPem: authority.pem, seen };
}

/** Each account is in tenants of its own. */
function tenantsOf(request: ArmRequest, url: string): Promise<ArmAnswer> | undefined {
  if (new URL(url).pathname !== '/tenants') return undefined;
  const { account } = readToken(bearerToken(request) ?? '');
  const ids = account === anna ? [contoso, fabrikam] : [fabrikam];
  const value = sampleEstate.tenants
    .filter(({ id }) => ids.includes(id))
    .map(({ id, name }) => ({ id: `/tenants/${id}`, tenantId: id, displayName: name }));
  return Promise.resolve(jsonAnswer(200, { value }));
}

describe('signing in with accounts of VS Code', () => {
  let folder: string;
  let file: string;
  let arm: Awaited<ReturnType<typeof openArm>>;
  let proxy: ConnectProxy;
  let workbench: Workbench;
  let page: Page;

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-accounts-'));
    file = path.join(folder, 'accounts.json');
    const certificate = path.join(folder, 'ca.pem');
    const provider = path.join(folder, 'vscode.microsoft-authentication-99.0.0');
    writeAccounts(file, { known: [anna, bert], signedIn: [anna], wanting: [`${anna}@${fabrikam}`], proven: [] });
    writeFileSync(`${file}.asked`, '');
    arm = await openArm();
    writeFileSync(certificate, arm.caPem);
    proxy = await openConnectProxy({ [`${host}:443`]: Number(new URL(arm.listener.origin).port) });
    await buildAuthProvider(provider);
    workbench = await startWorkbench({
      // With "on", VS Code leaves alone what brings a connection of its own; the default would take that over too.
      settings: { 'apimTls.estate': 'azure', 'http.proxy': proxy.url, 'http.proxySupport': 'on' },
      moreExtensions: [provider],
      env: { [accountsVariable]: file, NODE_EXTRA_CA_CERTS: certificate },
    });
    page = workbench.page;
    await openView(page, product);
  });
  after(async () => {
    await workbench.close();
    await proxy.close();
    await arm.listener.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await screenshot(page, `failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, '-')}`);
  });

  const asked = (kind: string) => readAsked(file).filter((one) => one.kind === kind);
  const tunnels = () => proxy.asked.filter((target) => target === `${host}:443`).length;

  it('asks nobody before the user wants it, and sends nothing', async () => {
    await page.locator('.sidebar').getByText('Sign in to Azure').first().waitFor();
    assert.equal(await modal(page).count(), 0);
    assert.ok(asked('silent').length > 0, 'it has looked for a session');
    assert.deepEqual([asked('asked'), arm.seen], [[], []]);
  });

  it('shows the instances after the consent, over the proxy of VS Code', async () => {
    await page.locator('.sidebar').getByText('Sign in to Azure').first().click();
    await modal(page)
      .getByText(/API Management TLS.*wants to sign in using Microsoft/)
      .waitFor();
    await modal(page)
      .getByText(/reads and changes the TLS settings/)
      .waitFor();
    await answerModal(page, 'Allow');
    await quickPick(page, anna).click();
    await treeRow(page, 'contoso-shop-prod').waitFor();
    assert.ok(tunnels() > 0, proxy.asked.join());
    assert.deepEqual(asked('asked'), []);
  });

  it('shows a tenant that wants a sign-in as one row, and asks when that is chosen', async () => {
    await treeRow(page, /Fabrikam.*has to sign in again/).waitFor();
    assert.equal(await modal(page).count(), 0);
    await rowAction(page, /Fabrikam.*has to sign in again/, 'Sign in to Azure');
    await answerModal(page, 'Allow');
    await treeRow(page, 'contoso-archive').waitFor();
    await treeRow(page, /has to sign in again/).waitFor({ state: 'detached' });
    assert.deepEqual(
      asked('asked').map(({ who }) => who),
      [`${anna}@${fabrikam}`],
    );
  });

  it('takes a second account beside the first', async () => {
    await runCommand(page, `${product}: Choose accounts...`);
    await quickPick(page, 'Sign in with another account...').click();
    await page.keyboard.press('Enter');
    await answerModal(page, 'Allow');
    await treeRow(page, /Fabrikam \(bert@fabrikam\.example\)/).waitFor();
    await treeRow(page, 'contoso-shop-prod').waitFor();
    assert.equal(asked('asked').length, 2);
  });

  it('answers a challenge once in silence, then by its row', async () => {
    const row = /Fabrikam \(bert@fabrikam\.example\)/;
    assert.deepEqual(
      asked('challenge').map(({ who, claims: wanted }) => [who, wanted]),
      [[`${bert}@${fabrikam}`, claims]],
    );
    assert.equal(await modal(page).count(), 0);
    await runCommand(page, `${product}: Refresh`);
    await treeRow(page, row).waitFor();
    assert.equal(asked('challenge').length, 1, 'it is not tried again in silence');
    await rowAction(page, row, 'Sign in to Azure');
    await answerModal(page, 'Allow');
    await treeRow(page, row).waitFor({ state: 'detached' });
    assert.deepEqual(
      asked('askedByChallenge').map(({ who, claims: wanted }) => [who, wanted]),
      [[`${bert}@${fabrikam}`, claims]],
    );
    await treeRow(page, 'contoso-archive').waitFor();
  });

  it('keeps what was chosen over a reload of the window, in silence', async () => {
    const before = asked('asked').length;
    await page.reload();
    await openView(page, product);
    await treeRow(page, 'contoso-shop-prod').waitFor();
    await treeRow(page, 'contoso-archive').waitFor();
    assert.equal(await modal(page).count(), 0);
    assert.equal(asked('asked').length, before);
  });

  it('reads what was chosen and nothing else, and says so', async () => {
    await runCommand(page, `${product}: Choose tenants and subscriptions...`);
    const rows = page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
    await rows.filter({ hasText: `Contoso (${anna})` }).click();
    await page.keyboard.press('Enter');
    await rows.filter({ hasText: 'Fabrikam - Partner APIs' }).waitFor();
    await page.keyboard.press('Enter');
    await treeRow(page, 'contoso-archive').waitFor();
    await treeRow(page, 'contoso-shop-prod').waitFor({ state: 'detached' });
    await page.locator('.sidebar').getByText('Chosen tenants and subscriptions only').waitFor();
  });

  it('signs out, and stays so', async () => {
    await runCommand(page, `${product}: Sign out of Azure`);
    await notification(page, 'uses no account any more').waitFor();
    await page.locator('.sidebar').getByText('Sign in to Azure').first().waitFor();
    await treeRow(page, 'contoso-archive').waitFor({ state: 'detached' });
  });
});
