// What a way of signing in says where it gives no token.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { clouds, customCloud, isCloud } from '../../../src/azure/clouds.ts';
import type { Cloud } from '../../../src/azure/clouds.ts';
import { connectAzure } from '../../../src/azure/connect.ts';
import { explained, identityCredential } from '../../../src/azure/identity.ts';
import type { IdentityMode, ServicePrincipal } from '../../../src/azure/identity.ts';
import { signInCommands } from '../../../src/azure/signInCommands.ts';
import type { Tool } from '../../../src/azure/signInCommands.ts';
import { isArmError } from '../../../src/core/failure.ts';
import { createAuthority, ecKey, rsaKey } from '../../../src/emulator/certificate.ts';
import { sampleEstate } from '../../../src/emulator/estate.ts';
import { openHttpsEmulator } from '../../../src/emulator/httpsServer.ts';
import type { HttpsEmulator } from '../../../src/emulator/httpsServer.ts';
import { trust } from '../../support/rest.ts';

async function said(mode: IdentityMode, name: string, message: string): Promise<readonly [string, string]> {
  const credential = explained(
    mode,
    { getToken: () => Promise.reject(Object.assign(new Error(message), { name })) },
    { cloud: clouds.public, tenantId: null },
  );
  const error: unknown = await credential.getToken('scope').catch((reason: unknown) => reason);
  assert.ok(isArmError(error));
  return [error.details.code, error.details.serviceMessage ?? ''];
}

/** Messages of @azure/identity 4.14.1 and of the tools behind it. */
const messages: readonly [IdentityMode, string, string, string, RegExp][] = [
  [
    'azureCli',
    'CredentialUnavailableError',
    "Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions and then, once installed, authenticate to your Azure account using 'az login'.",
    'toolMissing',
    /az login/,
  ],
  [
    'azureCli',
    'CredentialUnavailableError',
    "Please run 'az login' from a command prompt to authenticate before using this credential.",
    'interactionNeeded',
    /az login/,
  ],
  [
    'azureCli',
    'CredentialUnavailableError',
    'ERROR: AADSTS70043: The refresh token has expired.',
    'interactionNeeded',
    /az login/,
  ],
  [
    'azurePowerShell',
    'CredentialUnavailableError',
    "The 'Az.Account' module >= 2.2.0 is not installed. Install the Azure Az PowerShell module.",
    'toolMissing',
    /Connect-AzAccount/,
  ],
  [
    'azurePowerShell',
    'CredentialUnavailableError',
    "Please run 'Connect-AzAccount' from PowerShell to authenticate before using this credential.",
    'interactionNeeded',
    /Connect-AzAccount/,
  ],
  [
    'azureDeveloperCli',
    'CredentialUnavailableError',
    "Azure Developer CLI couldn't be found. To mitigate this issue, see the troubleshooting guidelines.",
    'toolMissing',
    /azd auth login/,
  ],
  [
    'azureDeveloperCli',
    'CredentialUnavailableError',
    "Please run 'azd auth login' from a command prompt.",
    'interactionNeeded',
    /azd auth login/,
  ],
  [
    'environment',
    'CredentialUnavailableError',
    'EnvironmentCredential is unavailable. No underlying credential could be used.',
    'toolMissing',
    /AZURE_CLIENT_ID/,
  ],
  [
    'environment',
    'AuthenticationError',
    'invalid_client: AADSTS7000215: Invalid client secret provided.',
    'interactionNeeded',
    /AZURE_CLIENT_ID/,
  ],
  [
    'managedIdentity',
    'CredentialUnavailableError',
    'ManagedIdentityCredential: The managed identity endpoint was not found.',
    'toolMissing',
    /managed identity/,
  ],
];

describe('identity', () => {
  for (const [mode, name, message, code, advice] of messages) {
    it(`tells ${code} for ${mode}: ${message.slice(0, 40)}`, async () => {
      const [found, text] = await said(mode, name, message);
      assert.equal(found, code);
      assert.match(text, advice);
    });
  }

  it('tells on this machine that a tool is not there', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      for (const mode of ['azureCli', 'azureDeveloperCli', 'environment'] as const) {
        const credential = identityCredential(mode, { cloud: clouds.public, tenantId: null });
        const error: unknown = await credential.getToken(clouds.public.armScope).catch((reason: unknown) => reason);
        assert.ok(isArmError(error), mode);
        assert.equal(error.details.code, 'toolMissing', `${mode}: ${error.details.serviceMessage}`);
      }
    } finally {
      process.env['PATH'] = before;
    }
  });
});

describe('what to run', () => {
  const tenantId = '11111111-1111-4111-8111-111111111111';
  const commands: readonly [Tool, keyof typeof clouds, string | null, string][] = [
    ['azureCli', 'public', null, 'az login'],
    ['azureCli', 'public', tenantId, `az login --tenant ${tenantId}`],
    ['azureCli', 'usGovernment', null, 'az cloud set --name AzureUSGovernment; az login'],
    ['azurePowerShell', 'china', tenantId, `Connect-AzAccount -Environment AzureChinaCloud -Tenant ${tenantId}`],
    ['azureDeveloperCli', 'public', tenantId, `azd auth login --tenant-id ${tenantId}`],
    ['azureDeveloperCli', 'usGovernment', null, 'azd config set cloud.name AzureUSGovernment; azd auth login'],
  ];
  for (const [tool, cloud, tenant, text] of commands) {
    it(`for ${tool} in ${cloud}${tenant ? ', for a tenant' : ''}`, () => {
      assert.equal(signInCommands(tool, { cloud: clouds[cloud], tenantId: tenant }).join('; '), text);
    });
  }

  it('answers a challenge by the command that the tool names, in the right tenant', async () => {
    const place = { cloud: clouds.public, tenantId };
    const claims = Buffer.from('{"access_token":{}}').toString('base64');
    const message = `This credential doesn't support claims challenges. To authenticate with the required claims, please run the following command: az login --claims-challenge ${claims} --scope x`;
    const credential = explained(
      'azureCli',
      { getToken: () => Promise.reject(Object.assign(new Error(message), { name: 'CredentialUnavailableError' })) },
      place,
    );
    await assert.rejects(credential.getToken('scope'), (error: unknown) => {
      assert.ok(isArmError(error));
      assert.match(error.message, new RegExp(`Run "az login --claims-challenge ${claims} --tenant ${tenantId}"`));
      return true;
    });
  });
});

describe('service principal', () => {
  let emulator: HttpsEmulator;
  let folder: string;
  let distrust: () => void;
  let pem: string;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-identity-'));
    pem = path.join(folder, 'application.pem');
    const day = 86_400_000;
    const leaf = createAuthority(await ecKey(), Date.now()).issue({
      names: ['application'],
      key: await rsaKey(),
      notBefore: Date.now() - day,
      notAfter: Date.now() + day,
    });
    writeFileSync(pem, leaf.pem + leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    emulator = await openHttpsEmulator({ clientCertificates: [new X509Certificate(leaf.pem)] });
    distrust = trust(emulator.caPem);
  });
  after(async () => {
    distrust();
    rmSync(folder, { recursive: true, force: true });
    await emulator.close();
  });

  function cloud(): Cloud {
    const made = customCloud({
      resourceManager: emulator.arm,
      authority: emulator.authority,
      audience: '',
      logAnalytics: emulator.logs,
      keyVaultSuffix: '',
      portal: '',
    });
    assert.ok(isCloud(made));
    return made;
  }

  const signIn = (changes: Partial<ServicePrincipal> = {}, at: Cloud = cloud(), httpClient?: HttpClient) =>
    identityCredential('servicePrincipal', {
      cloud: at,
      tenantId: null,
      servicePrincipal: { tenantId: emulator.tenantId, clientId: emulator.clientId, ...changes },
      ...(httpClient ? { httpClient } : {}),
    }).getToken(at.armScope);

  async function failed(work: Promise<unknown>): Promise<readonly [string, string]> {
    const error: unknown = await work.then(
      () => assert.fail('It should have been rejected.'),
      (reason: unknown) => reason,
    );
    assert.ok(isArmError(error), String(error));
    return [error.details.code, error.message];
  }

  it('signs in by its secret and by its certificate, and reads the estate with it', async () => {
    for (const proof of [{ secret: emulator.clientSecret }, { certificatePath: pem }]) {
      const azure = connectAzure({
        cloud: cloud(),
        accountLabel: 'application',
        credentialFor: (tenantId) =>
          identityCredential('servicePrincipal', {
            cloud: cloud(),
            tenantId,
            servicePrincipal: { tenantId: emulator.tenantId, clientId: emulator.clientId, ...proof },
          }),
      });
      const { instances } = await azure.readEstate();
      assert.ok(instances.length > 5, `${instances.length} instances`);
    }
  });

  it('asks for the tenant that is wanted, also where the environment names another', async () => {
    const [home, other] = sampleEstate.tenants;
    assert.ok(home && other && home.id === emulator.tenantId);
    const { env } = process;
    const names = { AZURE_TENANT_ID: home.id, AZURE_CLIENT_ID: emulator.clientId };
    const before = { ...env };
    Object.assign(env, names, { AZURE_CLIENT_SECRET: emulator.clientSecret });
    try {
      for (const tenantId of [home.id, other.id]) {
        const token = await identityCredential('environment', { cloud: cloud(), tenantId }).getToken(cloud().armScope);
        const claims: unknown = JSON.parse(Buffer.from(token?.token.split('.')[1] ?? '', 'base64url').toString());
        assert.equal((claims as { tid: string }).tid, tenantId);
      }
    } finally {
      for (const name of [...Object.keys(names), 'AZURE_CLIENT_SECRET']) {
        delete env[name];
        if (before[name] !== undefined) env[name] = before[name];
      }
    }
  });

  const secretText = 'a-secret-that-is-wrong';
  const refusals: readonly [string, () => Partial<ServicePrincipal>, string, RegExp][] = [
    ['a wrong secret', () => ({ secret: secretText }), 'interactionNeeded', /the secret: it is wrong or has expired/],
    ['no proof', () => ({}), 'toolMissing', /not complete.*Store the secret of the service principal/],
    ['no client ID', () => ({ clientId: '', secret: secretText }), 'toolMissing', /not complete/],
    [
      'another application',
      () => ({ clientId: '33333333-3333-4333-8333-333333333333', secret: secretText }),
      'interactionNeeded',
      /does not know this application in this tenant/,
    ],
    [
      'another tenant',
      () => ({ tenantId: '33333333-3333-4333-8333-333333333333', secret: secretText }),
      'interactionNeeded',
      /does not know this tenant/,
    ],
    [
      'a certificate that is not there',
      () => ({ certificatePath: path.join(folder, 'nowhere.pem') }),
      'toolMissing',
      /certificate of the service principal cannot be read.*nowhere\.pem/,
    ],
  ];
  for (const [what, changes, code, sentence] of refusals) {
    it(`says what is wrong with ${what}, and never the secret`, async () => {
      const [found, text] = await failed(signIn(changes()));
      assert.equal(found, code, text);
      assert.match(text, sentence);
      assert.ok(!text.includes(secretText) && !text.includes(emulator.clientSecret), text);
    });
  }

  it('tells a fault on the way to Entra ID as such', async () => {
    const untrusted = await openHttpsEmulator();
    try {
      const [code] = await failed(
        signIn({ secret: emulator.clientSecret }, { ...cloud(), authority: untrusted.authority }),
      );
      assert.equal(code, 'certificateRefused');
    } finally {
      await untrusted.close();
    }
  });

  it('sends its secret to no host that the authority names besides itself', async () => {
    const asked: string[] = [];
    const misleading: HttpClient = {
      sendRequest: (request) => {
        asked.push(new URL(request.url).host);
        const body = {
          token_endpoint: 'https://thief.example/token',
          issuer: `${emulator.authority}/${emulator.tenantId}/v2.0`,
          authorization_endpoint: 'https://thief.example/authorize',
          jwks_uri: 'https://thief.example/keys',
        };
        return Promise.resolve({
          request,
          status: 200,
          headers: createHttpHeaders(),
          bodyAsText: JSON.stringify(body),
        });
      },
    };
    const [code, text] = await failed(signIn({ secret: emulator.clientSecret }, cloud(), misleading));
    assert.ok(asked.length > 0 && asked.every((host) => host === new URL(emulator.authority).host), asked.join());
    assert.ok(!text.includes(emulator.clientSecret), text);
    assert.notEqual(code, 'cancelled');
  });
});
