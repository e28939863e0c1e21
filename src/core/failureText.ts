// Failures as sentences: what happened, where, what to do. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import type { FailureDetails, PolicyViolation } from './failure.ts';
import type { UnreadableBackend } from './tls/plan.ts';
import { durationText } from './wording.ts';

/** One or two sentences. What Azure or a proxy said stands in them as `plainText` left it. */
export function failureSentence(details: FailureDetails): string {
  return (accessSentence(details) ?? refusalSentence(details) ?? wayAndCourseSentence(details)).trim();
}

function accessSentence(details: FailureDetails): string | null {
  const said = saidBy(details);
  switch (details.code) {
    case 'signedOut':
      return l10n.t('You are not signed in to Azure. Sign in and try again.');
    case 'interactionNeeded':
      return l10n.t('Azure wants you to sign in again. Choose Sign in to Azure. {0}', said);
    case 'unauthorized':
      return l10n.t('Azure did not accept the sign-in. Sign in again. {0}', said);
    case 'toolMissing':
      return l10n.t('The chosen way to sign in is not available. {0}', said);
    case 'clock':
      return clockSentence(details);
    case 'forbidden':
      return details.action === undefined
        ? l10n.t('You have no permission for this. {0}', said)
        : l10n.t(
            'You have no permission for this: your roles lack the action {0} on {1}. Ask an owner for a role that has it.',
            details.action,
            scopesText(details),
          );
    default:
      return null;
  }
}

function clockSentence(details: FailureDetails): string {
  const ahead = details.clockAheadSeconds;
  if (ahead === undefined)
    return l10n.t(
      'By the clock of this machine, the certificate of {0} is not valid ({1}). Set date and time of this machine. If they are right, a proxy in between presents the certificate: ask the administrator of your network.',
      hostOf(details),
      saidBy(details),
    );
  const by = durationText(Math.abs(ahead) * 1000);
  return ahead > 0
    ? l10n.t('The clock of this machine is {0} ahead of Azure’s, so Azure refuses the sign-in. Set the clock.', by)
    : l10n.t('The clock of this machine is {0} behind Azure’s, so Azure refuses the sign-in. Set the clock.', by);
}

function refusalSentence(details: FailureDetails): string | null {
  const said = saidBy(details);
  switch (details.code) {
    case 'policyDenied':
      return l10n.t(
        'Azure Policy denies the change: {0}. Change the draft so that it complies, or ask the owner of the policy for an exemption.',
        details.policies ? details.policies.map(policyText).join(', ') : said,
      );
    case 'managementLock':
      return l10n.t(
        'A read-only lock on {0} forbids changes. Ask an owner to remove the lock, then try again.',
        scopesText(details),
      );
    case 'apiVersion':
      return l10n.t(
        'The instance does not accept the version of the management API that this extension uses. Update the extension, or have the minimum API version of the instance lowered. {0}',
        said,
      );
    case 'notFound':
      return l10n.t('Azure does not find this any more. Refresh the list. {0}', said);
    case 'moved':
      return l10n.t('The instance has been moved to {0}. Refresh the list and open it there.', details.movedTo ?? '');
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
    default:
      return null;
  }
}

function wayAndCourseSentence(details: FailureDetails): string {
  const said = saidBy(details);
  const host = hostOf(details);
  switch (details.code) {
    case 'offline':
      return l10n.t('This machine has no connection to the network of {0}. Connect it, then try again.', host);
    case 'dns':
      return l10n.t(
        'The name {0} cannot be resolved. This machine may be offline, or the name blocked: check network, VPN and DNS.',
        host,
      );
    case 'network':
      return l10n.t('The connection to {0} failed. Check network, VPN and firewall. {1}', host, said);
    case 'timeout':
      return l10n.t('{0} did not answer in time. Try again. {1}', host, said);
    case 'portal':
      return l10n.t(
        'A web page came in place of an answer of {0}: "{1}". The network may want you to sign in: open a browser, then try again.',
        host,
        said,
      );
    case 'proxy':
      return proxySentence(details);
    case 'certificateRefused':
      return l10n.t(
        'This machine does not trust the certificate that was presented for {0} ({1}). A proxy that intercepts TLS is the likely cause: have its root certificate added to the certificates of this machine, then restart VS Code.',
        host,
        said,
      );
    case 'oldTls':
      return l10n.t(
        'What answers in place of {0} does not speak TLS 1.2 or later ({1}). An old proxy that intercepts TLS is the likely cause: ask the administrator of your network to update it, or to let {0} through.',
        host,
        said,
      );
    case 'malformed':
      return l10n.t('The answer of {0} cannot be read. Try again. {1}', host, said);
    case 'operationFailed':
      return l10n.t('Azure could not carry out the change. {0}', said);
    case 'operationStuck':
      return l10n.t('Azure has not finished the change. Look at the instance in the portal. {0}', said);
    default:
      return l10n.t('Something went wrong. {0}', said);
  }
}

function proxySentence(details: FailureDetails): string {
  const host = hostOf(details);
  return details.status === 407
    ? l10n.t(
        'A proxy wants to be signed in to before it lets requests through to {0}. Set http.proxy and http.proxyAuthorization in the settings of VS Code, then try again.',
        host,
      )
    : l10n.t(
        'A proxy refused the request to {0}: "{1}". Ask the administrator of your network to let it through.',
        host,
        saidBy(details),
      );
}

function saidBy({ serviceMessage }: FailureDetails): string {
  return serviceMessage ?? '';
}

function hostOf({ host }: FailureDetails): string {
  return host ?? 'Azure';
}

function scopesText({ scopes = [] }: FailureDetails): string {
  return scopes.length === 0 ? l10n.t('this instance') : scopes.join(', ');
}

function policyText({ policy, assignmentId }: PolicyViolation): string {
  return assignmentId === '' ? `"${policy}"` : l10n.t('"{0}" (assignment {1})', policy, assignmentId);
}

/** What could not be listed, with the role action that is missing where that is why. */
export function notListedText(what: 'backends' | 'apis', { action }: FailureDetails): string {
  const name = what === 'backends' ? l10n.t('all backend entities') : l10n.t('the service addresses of all APIs');
  return action === undefined ? name : l10n.t('{0} (your roles lack the action {1})', name, action);
}

/** An address of a backend that leads to no host. */
export function unreadableText({ title, url }: UnreadableBackend): string {
  return url === '' ? l10n.t('Not read: {0}', title) : l10n.t('{0}: the address "{1}" cannot be read', title, url);
}
