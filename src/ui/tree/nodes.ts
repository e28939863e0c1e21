// The rows of the tree as data, and which rows are below which. Nothing here draws.

import type { EstateFailure, Instance } from '../../core/instance.ts';
import { worstOf } from '../../core/finding.ts';
import type { Worst } from '../../core/finding.ts';
import { instanceFindings, isWeak } from '../../core/tls/state.ts';
import { settings } from '../../core/tls/settings.ts';
import type { SettingId } from '../../core/tls/settings.ts';
import { summaryText, worstText } from '../../core/wording.ts';
import { idKey } from '../estate.ts';
import type { Estate } from '../estate.ts';

export type Grouping = 'subscription' | 'tier' | 'region' | 'finding';
export type Section = 'client' | 'backend' | 'ciphers' | 'backends' | 'hosts';
export const sections: readonly Section[] = ['client', 'backend', 'ciphers', 'backends', 'hosts'];

export type Node =
  | {
      readonly kind: 'group';
      readonly grouping: Grouping;
      readonly key: string;
      readonly label: string;
      readonly instances: readonly Instance[];
    }
  | { readonly kind: 'instance'; readonly instance: Instance }
  | { readonly kind: 'section'; readonly instance: Instance; readonly section: Section }
  | { readonly kind: 'setting'; readonly instance: Instance; readonly setting: SettingId }
  | {
      readonly kind: 'host';
      readonly instance: Instance;
      readonly role: 'backend' | 'gateway';
      readonly host: string;
      readonly port: number;
      /** What is said as long as no survey is known. */
      readonly unprobed: string;
      readonly tooltip: readonly string[];
      readonly tls: boolean;
    }
  | { readonly kind: 'failure'; readonly failure: EstateFailure }
  | { readonly kind: 'message'; readonly parent: string; readonly text: string; readonly problem: boolean };

export interface TreeView {
  readonly grouping: Grouping;
  readonly filter: string;
  readonly onlyWeak: boolean;
}

/** Instances that the filter leaves: every word of it is in the name, group, tier, region, subscription or state. */
export function visibleInstances(estate: Estate, view: TreeView): Instance[] {
  const words = view.filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return estate.instances.filter((instance) => {
    if (view.onlyWeak && !isWeak(instance)) return false;
    if (words.length === 0) return true;
    const text = [
      instance.name,
      instance.resourceGroup,
      instance.tier,
      instance.location,
      estate.subscriptionName(instance.subscriptionId),
      instance.provisioningState,
      summaryText(instance),
    ]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const worstOrder: readonly Worst[] = ['problem', 'warning', 'note', 'none'];

function groupOf(estate: Estate, grouping: Grouping, instance: Instance): { key: string; label: string } {
  switch (grouping) {
    case 'subscription':
      return { key: instance.subscriptionId, label: estate.subscriptionName(instance.subscriptionId) };
    case 'tier':
      return { key: instance.tier, label: instance.tier };
    case 'region':
      return { key: instance.location, label: instance.location };
    case 'finding': {
      const worst = worstOf(instanceFindings(instance));
      return { key: String(worstOrder.indexOf(worst)), label: worstText(worst) };
    }
  }
}

/** The top rows: groups in order, then what could not be read. */
export function rootNodes(estate: Estate, view: TreeView): Node[] {
  const groups = new Map<string, { label: string; instances: Instance[] }>();
  for (const instance of visibleInstances(estate, view)) {
    const { key, label } = groupOf(estate, view.grouping, instance);
    const group = groups.get(key) ?? { label, instances: [] };
    group.instances.push(instance);
    groups.set(key, group);
  }
  const byLabel = ([keyA, a]: [string, { label: string }], [keyB, b]: [string, { label: string }]) =>
    view.grouping === 'finding' ? keyA.localeCompare(keyB) : a.label.localeCompare(b.label);
  const nodes: Node[] = [...groups].sort(byLabel).map(([key, { label, instances }]) => ({
    kind: 'group',
    grouping: view.grouping,
    key,
    label,
    instances: instances.sort((a, b) => a.name.localeCompare(b.name)),
  }));
  return [...nodes, ...estate.failures.map((failure): Node => ({ kind: 'failure', failure }))];
}

export function settingsOf(section: 'client' | 'backend' | 'ciphers'): SettingId[] {
  return settings
    .filter((setting) => (section === 'ciphers' ? setting.suite !== undefined : setting.side === section))
    .map(({ id }) => id);
}

/** Stable across refreshes, so that selection and expansion survive. */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case 'group':
      return `group/${node.grouping}/${node.key}`;
    case 'instance':
      return idKey(node.instance.id);
    case 'section':
      return `${idKey(node.instance.id)}#${node.section}`;
    case 'setting':
      return `${idKey(node.instance.id)}#setting/${node.setting}`;
    case 'host':
      return `${idKey(node.instance.id)}#${node.role}/${node.host}:${node.port}`;
    case 'failure':
      return `failure/${node.failure.scope}/${node.failure.id}`;
    case 'message':
      return `${node.parent}#message`;
  }
}
