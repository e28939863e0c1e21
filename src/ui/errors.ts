// Failures as they are shown: a sentence (core/failureText.ts) and the buttons that help. The one place that shows them.

import { commands, l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { failureCode, isArmError, plainText, signInCodes } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import { failureSentence } from '../core/failureText.ts';

const toldName = 'ToldError';

/**
 * A failure that is a sentence for the user as it stands. Known by its name: bundles have copies of this function.
 * @param code by which the button that helps is found
 */
export function told(text: string, code: FailureCode = 'unknown'): Error {
  return Object.assign(new Error(text), { name: toldName, code });
}

function codeOf(error: unknown): FailureCode {
  const isTold = error instanceof Error && error.name === toldName;
  return isTold ? (error as Error & { readonly code: FailureCode }).code : failureCode(error);
}

export function failureText(error: unknown): string {
  if (isArmError(error)) return failureSentence(error.details);
  if (error instanceof Error && error.name === toldName) return error.message;
  const onDisk = fileProblemText(error);
  if (onDisk !== null) return onDisk;
  return l10n.t('Something went wrong: {0}', plainText(error instanceof Error ? error.message : String(error)));
}

/** Why a file could not be read or written, by the error of Node's file system; null: it is none. */
export function fileProblemText(error: unknown): string | null {
  const { code, syscall, path } = (error ?? {}) as { code?: unknown; syscall?: unknown; path?: unknown };
  if (!(error instanceof Error) || typeof code !== 'string' || typeof syscall !== 'string') return null;
  if (typeof path !== 'string') return code === 'ENOSPC' ? l10n.t('The disk is full. Free some space.') : null;
  const place = plainText(path, 300);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return l10n.t('{0} cannot be written: the disk is full. Free some space.', place);
    case 'EROFS':
      return l10n.t('{0} cannot be written: the disk can only be read. Make it writable.', place);
    case 'EACCES':
    case 'EPERM':
      return l10n.t('{0} cannot be used: access is denied. Give this account access to it.', place);
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return l10n.t('{0} cannot be used: its folder is missing or is a file. Make it a folder.', place);
    default:
      return l10n.t('{0} cannot be used ({1}).', place, plainText(code));
  }
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
  const help = helpFor(codeOf(error));
  const showLog = l10n.t('Show log');
  const choice = await window.showErrorMessage(failureText(error), ...(help ? [help.label] : []), showLog);
  if (choice === showLog) log.show();
  else if (choice !== undefined) await help?.run();
}

/** The button that does something about a failure, besides the log. */
export function helpFor(code: FailureCode): { readonly label: string; readonly run: () => Thenable<unknown> } | null {
  const command = (label: string, id: string, ...args: readonly unknown[]) => ({
    label,
    run: () => commands.executeCommand(id, ...args),
  });
  if (signInCodes.includes(code)) return command(l10n.t('Sign in'), 'apimTls.signIn');
  if (code === 'notFound' || code === 'moved') return command(l10n.t('Refresh list'), 'apimTls.refresh');
  if (code === 'proxy') return command(l10n.t('Open settings'), 'workbench.action.openSettings', 'http.proxy');
  return null;
}
