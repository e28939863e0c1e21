// The estate as the tree shows it: filtered, grouped, counted. Pure, and quick for ten thousand instances.

import type { Worst } from '../../core/finding.ts';
import type { EstateFailure, Instance, Subscription, WorkspaceGateway } from '../../core/instance.ts';
import { worstText } from '../../core/wording.ts';
import { factsOf } from './facts.ts';

export type Grouping = 'subscription' | 'tier' | 'region' | 'finding';

export interface TreeView {
  readonly grouping: Grouping;
  readonly filter: string;
  readonly onlyWeak: boolean;
}

/** The part of the estate that is listed. */
export interface Listed {
  readonly instances: readonly Instance[];
  readonly gateways: readonly WorkspaceGateway[];
  readonly failures: readonly EstateFailure[];
  readonly notAsked: readonly Subscription[];
  subscriptionName(id: string): string;
}

export interface Group {
  /** Stable, so that VS Code keeps the row's selection and expansion. */
  readonly id: string;
  readonly grouping: Grouping;
  readonly label: string;
  readonly count: number;
  readonly weak: number;
  /** By name. Sorted when it is first asked for. */
  readonly instances: () => readonly Instance[];
}

export interface Listing {
  /** In the order of the rows, by id. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly groupOf: (instance: Instance) => Group | undefined;
  readonly gateways: readonly WorkspaceGateway[];
  readonly failures: readonly EstateFailure[];
  readonly notAsked: readonly Subscription[];
  /** Instances that the filter leaves. */
  readonly shown: number;
  readonly all: number;
  /** Weak ones of all. */
  readonly weak: number;
  /** So few instances are left that all groups begin open. */
  readonly open: boolean;
}

/** With more instances than this, groups begin closed. */
export const mostBegunOpen = 200;

export const worstOrder: readonly Worst[] = ['problem', 'warning', 'note', 'none'];
const byName = new Intl.Collator(undefined, { numeric: true });

export function isFiltered(view: TreeView): boolean {
  return view.filter !== '' || view.onlyWeak;
}

/** Whether a text and the name of a subscription together have every word of the filter. */
function matcher(filter: string): (text: string, subscriptionName: string) => boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (text, subscriptionName) =>
    words.every((word) => text.includes(word) || subscriptionName.toLowerCase().includes(word));
}

function keyAndLabel(listed: Listed, grouping: Grouping, instance: Instance): { key: string; label: () => string } {
  switch (grouping) {
    case 'subscription':
      return { key: instance.subscriptionId, label: () => listed.subscriptionName(instance.subscriptionId) };
    case 'tier':
      return { key: instance.tier, label: () => instance.tier };
    case 'region':
      return { key: instance.location, label: () => instance.location };
    case 'finding': {
      const { worst } = factsOf(instance);
      return { key: String(worstOrder.indexOf(worst)), label: () => worstText(worst) };
    }
  }
}

export function listingOf(listed: Listed, view: TreeView): Listing {
  const matches = matcher(view.filter);
  const found = new Map<string, { label: string; weak: number; readonly instances: Instance[] }>();
  let shown = 0;
  let weak = 0;
  for (const instance of listed.instances) {
    const facts = factsOf(instance);
    if (facts.weak) weak += 1;
    if (view.onlyWeak && !facts.weak) continue;
    if (!matches(facts.text, listed.subscriptionName(instance.subscriptionId))) continue;
    shown += 1;
    const { key, label } = keyAndLabel(listed, view.grouping, instance);
    let group = found.get(key);
    if (!group) found.set(key, (group = { label: label(), weak: 0, instances: [] }));
    group.instances.push(instance);
    if (facts.weak) group.weak += 1;
  }
  const open = shown <= mostBegunOpen;
  // Few that a filter leaves are another row to VS Code, so that it begins open though the whole group may be closed.
  const kind = open && isFiltered(view) ? 'found' : 'group';
  const idOf = (key: string) => `${kind}/${view.grouping}/${key}`;
  const ordered = [...found].sort(([keyA, a], [keyB, b]) =>
    view.grouping === 'finding' ? keyA.localeCompare(keyB) : byName.compare(a.label, b.label),
  );
  const groups = new Map(
    ordered.map(([key, { label, weak, instances }]) => {
      const sorted = sortedOnce(instances);
      const { grouping } = view;
      return [idOf(key), { id: idOf(key), grouping, label, weak, count: instances.length, instances: sorted }];
    }),
  );
  return {
    groups,
    groupOf: (instance) => groups.get(idOf(keyAndLabel(listed, view.grouping, instance).key)),
    gateways: view.onlyWeak ? [] : gatewaysFound(listed, matches),
    failures: listed.failures,
    notAsked: listed.notAsked,
    shown,
    all: listed.instances.length,
    weak,
    open,
  };
}

function sortedOnce(instances: Instance[]): () => readonly Instance[] {
  let sorted = false;
  return () => {
    if (!sorted) instances.sort((a, b) => byName.compare(a.name, b.name));
    sorted = true;
    return instances;
  };
}

function gatewaysFound(
  listed: Listed,
  matches: (text: string, subscriptionName: string) => boolean,
): WorkspaceGateway[] {
  return listed.gateways
    .filter(({ name, resourceGroup, tier, location, subscriptionId, provisioningState }) =>
      matches(
        [name, resourceGroup, tier, location, provisioningState].join(' ').toLowerCase(),
        listed.subscriptionName(subscriptionId),
      ),
    )
    .sort((a, b) => byName.compare(a.name, b.name));
}
