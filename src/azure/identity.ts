// Sign-in by tools, environments and service principals instead of VS Code's accounts. A chunk of its own.

import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { ArmError } from '../core/failure.ts';
import { authorityOrigins } from './clouds.ts';
import type { Cloud } from './clouds.ts';
import { toArmError } from './errors.ts';
import { identityFailure, incomplete } from './identityFailure.ts';
import { secureClient } from './secureClient.ts';
import { sharedCredential } from './tokens.ts';

export type IdentityMode =
  'azureCli' | 'azurePowerShell' | 'azureDeveloperCli' | 'environment' | 'servicePrincipal' | 'managedIdentity';

/** An application of Entra ID that signs in by itself. One of the two proofs has to be there. */
export interface ServicePrincipal {
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret?: string;
  /** A PEM file with certificate and private key. */
  readonly certificatePath?: string;
}

export interface IdentityOptions {
  readonly cloud: Cloud;
  /** Null: the tenant that the tool is signed in to. */
  readonly tenantId: string | null;
  readonly servicePrincipal?: ServicePrincipal;
  readonly httpClient?: HttpClient;
}

/** A tool that is signed in to one tenant may be asked for tokens of every other tenant of the account. */
const everyTenant = { additionallyAllowedTenants: ['*'] };

/**
 * A credential over @azure/identity. `getToken` rejects with `ArmError`: "toolMissing" where the tool or its settings
 * are not there, "interactionNeeded" where it is not signed in; the message says what to run.
 */
export function identityCredential(mode: IdentityMode, options: IdentityOptions): TokenCredential {
  const way: Way = {};
  // Those of the environment are made for the tenant that it names, and can be asked for every other.
  const { tenantId } = options;
  let made: TokenCredential | undefined;
  // Some credentials look at their settings as soon as they are made: that too is told as ours.
  const credential: TokenCredential = {
    getToken: (scopes, asked) =>
      (made ??= create(mode, options, way)).getToken(scopes, { ...asked, ...(tenantId === null ? {} : { tenantId }) }),
  };
  return sharedCredential(explained(mode, credential, options, way));
}

/** What went wrong on the way to Entra ID. MSAL keeps no more of it than a sentence of its own. */
interface Way {
  failure?: ArmError;
}

function create(mode: IdentityMode, options: IdentityOptions, way: Way): TokenCredential {
  const { tenantId } = options;
  const tool = { ...(tenantId === null ? {} : { tenantId }), ...everyTenant, processTimeoutInMs: 30_000 };
  switch (mode) {
    case 'azureCli':
      return new AzureCliCredential(tool);
    case 'azurePowerShell':
      return new AzurePowerShellCredential(tool);
    case 'azureDeveloperCli':
      return new AzureDeveloperCliCredential(tool);
    case 'environment':
      return new EnvironmentCredential(entra(options, way));
    case 'servicePrincipal':
      return servicePrincipalCredential(options, way);
    case 'managedIdentity':
      // Asks an address of the machine itself, which is no host of the cloud.
      return new ManagedIdentityCredential();
  }
}

/** Secrets go to the authority of the cloud and to nothing else, on connections like all others. */
function entra({ cloud, httpClient }: IdentityOptions, way: Way) {
  const client = secureClient(authorityOrigins(cloud), httpClient);
  const watched: HttpClient = {
    sendRequest: async (request) => {
      try {
        return await client.sendRequest(request);
      } catch (error) {
        way.failure = toArmError(error);
        throw error;
      }
    },
  };
  return {
    ...everyTenant,
    authorityHost: cloud.authority,
    // Microsoft's list of authorities does not know those of others, and cannot be reached from everywhere.
    disableInstanceDiscovery: cloud.name === 'custom',
    httpClient: watched,
  };
}

function servicePrincipalCredential(options: IdentityOptions, way: Way): TokenCredential {
  const { tenantId: own = '', clientId = '', secret, certificatePath } = options.servicePrincipal ?? {};
  const tenantId = options.tenantId ?? own;
  if (tenantId === '' || clientId === '' || !(certificatePath ?? secret)) throw new Error(incomplete);
  if (certificatePath) return new ClientCertificateCredential(tenantId, clientId, certificatePath, entra(options, way));
  return new ClientSecretCredential(tenantId, clientId, secret ?? '', entra(options, way));
}

/** The credential, with its failures told as ours. Exported for tests. */
export function explained(
  mode: IdentityMode,
  credential: TokenCredential,
  options: Pick<IdentityOptions, 'cloud' | 'tenantId'>,
  way: Way = {},
): TokenCredential {
  return {
    getToken: async (scopes, tokenOptions): Promise<AccessToken | null> => {
      delete way.failure;
      try {
        return await credential.getToken(scopes, tokenOptions);
      } catch (error) {
        throw way.failure ?? identityFailure(mode, error, options);
      }
    },
  };
}
