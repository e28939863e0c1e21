// What a way of signing in says where it gives no token.

import assert from 'node:assert/strict';
import { clouds } from '../../../src/azure/clouds.ts';
import { explained, identityCredential } from '../../../src/azure/identity.ts';
import type { IdentityMode } from '../../../src/azure/identity.ts';
import { isArmError } from '../../../src/core/failure.ts';

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
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      for (const mode of ['azureCli', 'azureDeveloperCli', 'environment'] as const) {
        const credential = identityCredential(mode, { cloud: clouds.public, tenantId: null });
        const error: unknown = await credential.getToken(clouds.public.armScope).catch((reason: unknown) => reason);
        assert.ok(isArmError(error), mode);
        assert.equal(error.details.code, 'toolMissing', `${mode}: ${error.details.serviceMessage}`);
      }
    } finally {
      process.env['PATH'] = path;
    }
  });
});
