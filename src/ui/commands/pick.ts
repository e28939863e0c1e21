// Which instance a command is for: the row it was called on, or one that the user picks.

import { l10n, window } from 'vscode';
import { summaryText } from '../../core/wording.ts';
import type { Instance } from '../../core/instance.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';

/** What a command may be called with: a row of the tree, the id of an instance, or nothing. */
export type Target = Node | string | undefined;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

export function instanceOf(target: unknown, services: Services): Instance | undefined {
  if (typeof target === 'string') return services.estate.instance(target);
  return isNode(target) && 'instance' in target
    ? (services.estate.instance(target.instance.id) ?? target.instance)
    : undefined;
}

/** The instances of the selected rows, or of the one that was clicked; with neither, the user picks one. Empty: gave up. */
export async function instancesFor(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<Instance[]> {
  const rows = selection && selection.length > 0 ? selection : [target];
  const found = rows.flatMap((row) => instanceOf(row, services) ?? []);
  if (found.length > 0) return [...new Map(found.map((instance) => [instance.id, instance])).values()];
  const picked = await pickInstance(services);
  return picked ? [picked] : [];
}

export async function pickInstance(services: Services): Promise<Instance | undefined> {
  if (services.estate.status === 'unread') await services.refresh();
  const { estate } = services;
  if (estate.status === 'signedOut' || estate.status === 'failed') throw estate.failure;
  const items = [...estate.instances]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((instance) => ({
      label: instance.name,
      description: `${instance.tier}, ${instance.location}`,
      detail: summaryText(instance),
      instance,
    }));
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('There are no API Management instances to choose from.'));
    return undefined;
  }
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Choose an instance'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.instance;
}
