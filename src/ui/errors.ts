// Failures as sentences: what happened, to what, what to do. The one place that shows them.

import { commands, l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { isArmError } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';

function sentence(details: FailureDetails): string {
  const said = details.serviceMessage ?? '';
  switch (details.code) {
    case 'signedOut':
      return l10n.t('You are not signed in to Azure. Sign in and try again.');
    case 'interactionNeeded':
      return l10n.t('Azure wants you to sign in again. Choose Sign in to Azure. {0}', said);
    case 'unauthorized':
      return l10n.t('Azure did not accept the sign-in. Sign in again. {0}', said);
    case 'forbidden':
      return l10n.t('You have no permission for this. {0}', said);
    case 'notFound':
      return l10n.t('Azure does not find this any more. Refresh the list. {0}', said);
    case 'locked':
      return l10n.t('Azure is changing this instance already. Wait until it has finished, then try again.');
    case 'conflict':
      return l10n.t('Azure refused because of a conflict. {0}', said);
    case 'changed':
      return l10n.t('The instance was changed elsewhere meanwhile. Nothing was written. {0}', said);
    case 'throttled':
      return details.retryAfterSeconds === undefined
        ? l10n.t('Azure is limiting requests. Try again in a minute.')
        : l10n.t('Azure is limiting requests. Try again in {0} s.', details.retryAfterSeconds);
    case 'refused':
      return l10n.t('Azure refused the request. {0}', said);
    case 'unavailable':
      return l10n.t('Azure had a problem of its own. Try again. {0}', said);
    case 'network':
      return l10n.t('Azure could not be reached. Check the network connection. {0}', said);
    case 'timeout':
      return l10n.t('Azure did not answer in time. Try again.');
    case 'malformed':
      return l10n.t('The answer was not from Azure’s API. A proxy or sign-in page of the network may be in between.');
    case 'operationFailed':
      return l10n.t('Azure could not carry out the change. {0}', said);
    case 'operationStuck':
      return l10n.t('Azure has not finished the change. {0}', said);
    case 'toolMissing':
      return l10n.t('The chosen way to sign in is not available. {0}', said);
    case 'cancelled':
    case 'unknown':
      return l10n.t('Something went wrong. {0}', said);
  }
}

const toldName = 'ToldError';

/** A failure that is a sentence for the user as it stands. Known by its name: bundles have copies of this function. */
export function told(text: string): Error {
  return Object.assign(new Error(text), { name: toldName });
}

export function failureText(error: unknown): string {
  if (isArmError(error)) return sentence(error.details).trim();
  if (error instanceof Error && error.name === toldName) return error.message;
  return l10n.t('Something went wrong: {0}', error instanceof Error ? error.message : String(error));
}

export function isCancelled(error: unknown): boolean {
  return (
    (isArmError(error) && error.details.code === 'cancelled') || (error instanceof Error && error.name === 'AbortError')
  );
}

/** Shows a failure with buttons that help. Cancelling shows nothing. */
export async function showFailure(error: unknown, log: LogOutputChannel): Promise<void> {
  if (isCancelled(error)) return;
  const request = isArmError(error) && error.details.requestId ? ` (request ${error.details.requestId})` : '';
  log.error(failureText(error) + request);
  if (!isArmError(error) && error instanceof Error && error.name !== toldName && error.stack) log.debug(error.stack);
  const needsSignIn =
    isArmError(error) && ['signedOut', 'interactionNeeded', 'unauthorized'].includes(error.details.code);
  const signIn = l10n.t('Sign in');
  const showLog = l10n.t('Show log');
  const choice = await window.showErrorMessage(failureText(error), ...(needsSignIn ? [signIn] : []), showLog);
  if (choice === signIn) await commands.executeCommand('apimTls.signIn');
  if (choice === showLog) log.show();
}
