// Sign-in by tools and environments instead of VS Code's accounts. A chunk of its own, loaded when it is chosen.

import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { ArmError } from '../core/failure.ts';
import type { Cloud } from './clouds.ts';
import { asRecord } from './json.ts';

export type IdentityMode = 'azureCli' | 'azurePowerShell' | 'azureDeveloperCli' | 'environment' | 'managedIdentity';

export interface IdentityOptions {
  readonly cloud: Cloud;
  /** Null: the tenant that the tool is signed in to. */
  readonly tenantId: string | null;
}

/** What to do where a way of signing in gives no token, in the words of its own tool. */
const advice: Readonly<Record<IdentityMode, { readonly missing: string; readonly expired: string }>> = {
  azureCli: {
    missing: 'Azure CLI was not found. Install it, then run "az login".',
    expired: 'Azure CLI is not signed in. Run "az login".',
  },
  azurePowerShell: {
    missing: 'Azure PowerShell was not found. Install the module Az.Accounts, then run "Connect-AzAccount".',
    expired: 'Azure PowerShell is not signed in. Run "Connect-AzAccount".',
  },
  azureDeveloperCli: {
    missing: 'Azure Developer CLI was not found. Install it, then run "azd auth login".',
    expired: 'Azure Developer CLI is not signed in. Run "azd auth login".',
  },
  environment: {
    missing:
      'No service principal in the environment. Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.',
    expired:
      'Entra ID refused the service principal. Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate.',
  },
  managedIdentity: {
    missing: 'This machine has no managed identity.',
    expired: 'The managed identity of this machine was refused. Check that it is assigned.',
  },
};

/**
 * A credential over @azure/identity. `getToken` rejects with `ArmError`: "toolMissing" where the tool or its settings
 * are not there, "interactionNeeded" where it is not signed in; the message says what to run.
 */
export function identityCredential(mode: IdentityMode, options: IdentityOptions): TokenCredential {
  return explained(mode, create(mode, options));
}

function create(mode: IdentityMode, { cloud, tenantId }: IdentityOptions): TokenCredential {
  // A tool that is signed in to one tenant may be asked for tokens of every other tenant of the account.
  const tool = {
    ...(tenantId === null ? {} : { tenantId }),
    additionallyAllowedTenants: ['*'],
    processTimeoutInMs: 30_000,
  };
  switch (mode) {
    case 'azureCli':
      return new AzureCliCredential(tool);
    case 'azurePowerShell':
      return new AzurePowerShellCredential(tool);
    case 'azureDeveloperCli':
      return new AzureDeveloperCliCredential(tool);
    case 'environment':
      return new EnvironmentCredential({ authorityHost: cloud.authority, additionallyAllowedTenants: ['*'] });
    case 'managedIdentity':
      return new ManagedIdentityCredential();
  }
}

/** The credential, with its failures told as ours. Exported for tests. */
export function explained(mode: IdentityMode, credential: TokenCredential): TokenCredential {
  return {
    getToken: async (scopes, tokenOptions): Promise<AccessToken | null> => {
      try {
        return await credential.getToken(scopes, tokenOptions);
      } catch (error) {
        throw explain(mode, error);
      }
    },
  };
}

/** What the tools answer where they are there but not signed in, as in the messages of @azure/identity 4.14. */
const signInWords = /az login|azd auth login|Connect-AzAccount|AADSTS|expired|interaction/i;
/** What @azure/identity says where the tool itself is not there. */
const missingWords = /could(?: not|n't) be found|not found|not installed|is not recognized|Unable to execute/i;

function explain(mode: IdentityMode, error: unknown): ArmError {
  const { name, message } = asRecord(error) as { name?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : '';
  if (name === 'AbortError') return new ArmError({ code: 'cancelled' });
  const missing =
    name === 'CredentialUnavailableError' &&
    (mode === 'environment' || mode === 'managedIdentity' || missingWords.test(text));
  if (missing) return new ArmError({ code: 'toolMissing', serviceMessage: advice[mode].missing });
  if (name === 'AuthenticationRequiredError' || name === 'AuthenticationError' || signInWords.test(text)) {
    return new ArmError({ code: 'interactionNeeded', serviceMessage: advice[mode].expired });
  }
  if (name === 'CredentialUnavailableError')
    return new ArmError({ code: 'interactionNeeded', serviceMessage: advice[mode].expired });
  return new ArmError({
    code: 'unknown',
    serviceMessage: `${advice[mode].expired} The tool said: ${text.slice(0, 300)}`,
  });
}
