// How the rows of what could not be read, or was not asked about, look and sound.

import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, l10n } from 'vscode';
import { notListedCode } from '../../core/instance.ts';
import type { EstateFailure, Subscription } from '../../core/instance.ts';
import { signInCodes } from '../../core/failure.ts';

const { None } = TreeItemCollapsibleState;

export function failureItem(failure: EstateFailure): TreeItem {
  const item = new TreeItem(failure.name, None);
  const reason =
    failure.code === notListedCode
      ? l10n.t('Resource Graph does not know this subscription: your account may not read it, or it is new')
      : failure.message;
  item.description = reason;
  item.tooltip =
    failure.code === notListedCode ? `${failure.name}\n${reason}` : `${failure.name}\n${failure.code}: ${reason}`;
  item.iconPath = new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'));
  const wantsSignIn = failure.scope === 'tenant' && signInCodes.includes(failure.code);
  item.contextValue = wantsSignIn ? 'failure.signIn' : 'failure';
  item.accessibilityInformation = {
    label: l10n.t('{0} could not be read: {1}', failure.name, reason),
  };
  return item;
}

export function notAskedItem(subscriptions: readonly Subscription[]): TreeItem {
  const count = subscriptions.length;
  const label = count === 1 ? l10n.t('1 subscription not asked') : l10n.t('{0} subscriptions not asked', count);
  const item = new TreeItem(label, None);
  item.description = l10n.t('Resource Graph knows no instances there');
  item.tooltip = [
    l10n.t(
      'Resource Graph knows no instances there. It also says nothing of instances that your account may not read. Retry asks each subscription.',
    ),
    ...subscriptions.slice(0, 30).map(({ name }) => name),
    ...(count > 30 ? ['…'] : []),
  ].join('\n');
  item.iconPath = new ThemeIcon('info');
  item.contextValue = 'failure';
  item.accessibilityInformation = { label: `${label}, ${item.description}` };
  return item;
}
