// Why a way of signing in gives no token, and what to run or to set so that it does.

import { ArmError } from '../core/failure.ts';
import type { IdentityMode } from './identity.ts';
import { asRecord } from './json.ts';
import { signInCommands } from './signInCommands.ts';
import type { Place, Tool } from './signInCommands.ts';

const toolNames: Readonly<Record<Tool, string>> = {
  azureCli: 'Azure CLI',
  azurePowerShell: 'Azure PowerShell',
  azureDeveloperCli: 'Azure Developer CLI',
};

function run(commands: readonly string[]): string {
  return `Run ${commands.map((command) => `"${command}"`).join(', then ')}.`;
}

const installs: Readonly<Record<Tool, string>> = {
  azureCli: 'Azure CLI was not found. Install it, then sign in.',
  azurePowerShell: 'Azure PowerShell was not found. Install the module Az.Accounts, then sign in.',
  azureDeveloperCli: 'Azure Developer CLI was not found. Install it, then sign in.',
};

/** Error numbers of Entra ID (AADSTS…) that a person can do something about. */
const entraReasons: readonly [RegExp, string][] = [
  [/AADSTS7000215|AADSTS7000222/, 'Entra ID refused the secret: it is wrong or has expired. Make a new one.'],
  [/AADSTS700027|AADSTS700024|AADSTS7000251/, 'Entra ID refused the certificate: it is not one of this application.'],
  [/AADSTS700016|AADSTS7000229/, 'Entra ID does not know this application in this tenant. Check the client ID.'],
  // MSAL says endpoints_resolution_error where the tenant has no metadata.
  [
    /AADSTS90002|AADSTS900021|AADSTS900023|AADSTS90013|endpoints_resolution_error|Endpoints cannot be resolved/,
    'Entra ID does not know this tenant. Check the tenant ID.',
  ],
  [/AADSTS7000112|AADSTS7000110/, 'This application is switched off in Entra ID.'],
  [/AADSTS50020|AADSTS500208|AADSTS50034/, 'The account that is signed in does not belong to this tenant.'],
  [/AADSTS5007[69]|AADSTS50158|AADSTS53000|AADSTS53003/, 'This tenant wants more proof of who you are.'],
  [/AADSTS70043|AADSTS700082|AADSTS50173|AADSTS50078/, 'The sign-in has expired.'],
];

function entraReason(text: string): string | undefined {
  return entraReasons.find(([pattern]) => pattern.test(text))?.[1];
}

/** What the tools answer where they are there but not signed in, as in the messages of @azure/identity 4.14. */
const signInWords =
  /az login|azd auth login|Connect-AzAccount|AADSTS|expired|interaction|reauthentication|multi-factor/i;
/** What @azure/identity says where the tool itself is not there. */
const missingWords = /could(?: not|n't) be found|not found|not installed|is not recognized|Unable to execute/i;
/** The command that answers a challenge, which only the tool itself can run. */
const challengeCommand = /(az login --claims-challenge|Connect-AzAccount -ClaimsChallenge) (\S+)/;

/** A failure of @azure/identity with what to do about it. Cancelling is told as such. */
export function identityFailure(mode: IdentityMode, error: unknown, place: Place): ArmError {
  const { name, message } = asRecord(error) as { name?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : '';
  if (name === 'AbortError') return new ArmError({ code: 'cancelled' });
  const unavailable = name === 'CredentialUnavailableError';
  switch (mode) {
    case 'environment':
      return unavailable && entraReason(text) === undefined
        ? failure('toolMissing', missingEnvironment)
        : failure('interactionNeeded', `${entraReason(text) ?? 'Entra ID refused it.'} ${checkEnvironment}`);
    case 'servicePrincipal':
      return servicePrincipalFailure(text);
    case 'managedIdentity':
      return unavailable && !/AADSTS|status code 400|not assigned|Identity not found/i.test(text)
        ? failure('toolMissing', 'This machine has no managed identity. Choose another way to sign in.')
        : failure('interactionNeeded', 'The managed identity of this machine was refused. Check that it is assigned.');
    default:
      return toolFailure(mode, text, unavailable, place);
  }
}

const missingEnvironment =
  'The environment names no service principal. Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH where VS Code is started.';
const checkEnvironment = 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate.';

/** What is thrown where the settings of a service principal leave something out. */
export const incomplete = 'incomplete';

function servicePrincipalFailure(text: string): ArmError {
  if (text === incomplete) {
    return failure(
      'toolMissing',
      'The service principal is not complete. Set its tenant ID and client ID in the settings, and its certificate there or its secret by the command "Store the secret of the service principal".',
    );
  }
  // Of the file of a certificate, with its path.
  if (/ENOENT|EACCES|PEM|asn1|DECODER|no start line/i.test(text))
    return failure('toolMissing', `The certificate of the service principal cannot be read: ${text}`);
  const reason = entraReason(text) ?? `Entra ID refused the service principal: ${text}`;
  return failure('interactionNeeded', reason);
}

function toolFailure(tool: Tool, text: string, unavailable: boolean, place: Place): ArmError {
  const commands = signInCommands(tool, place);
  const [, command, claims] = challengeCommand.exec(text) ?? [];
  if (command) {
    const [last = ''] = commands.slice(-1);
    const answering = `${command} ${claims}${last.replace(/^(?:az login|Connect-AzAccount)/, '')}`;
    return failure('interactionNeeded', `This tenant wants more proof of who you are. ${run([answering])}`);
  }
  if (unavailable && missingWords.test(text)) return failure('toolMissing', `${installs[tool]} ${run(commands)}`);
  const reason = entraReason(text) ?? `${toolNames[tool]} is not signed in.`;
  if (unavailable && !signInWords.test(text) && text !== '') {
    const said = text.replace(/ ?To troubleshoot, visit \S+/, '');
    return failure('interactionNeeded', `${toolNames[tool]} gave no token: ${said} ${run(commands)}`);
  }
  return failure('interactionNeeded', `${reason} ${run(commands)}`);
}

function failure(code: 'toolMissing' | 'interactionNeeded', serviceMessage: string): ArmError {
  return new ArmError({ code, serviceMessage });
}
