// The rows of the tree as data, and what each is called. Nothing here draws.

import type { SelfHostedGateway } from '../../azure/access.ts';
import { idKey } from '../../core/instance.ts';
import type { EstateFailure, Instance, Subscription, WorkspaceGateway } from '../../core/instance.ts';
import { settings } from '../../core/tls/settings.ts';
import type { SettingId } from '../../core/tls/settings.ts';
import { tierRules } from '../../core/tls/tiers.ts';
import type { Group, Listing } from './listing.ts';

export type Section = 'client' | 'backend' | 'ciphers' | 'backends' | 'hosts' | 'selfHosted';

export type Node =
  /** Drawn from the listing, by its id. */
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'instance'; readonly instance: Instance }
  /** Stands for the rows of a long group that are not shown. */
  | { readonly kind: 'more'; readonly group: string; readonly shown: number; readonly left: number }
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
  | { readonly kind: 'selfHosted'; readonly instance: Instance; readonly gateway: SelfHostedGateway }
  | { readonly kind: 'gateways'; readonly count: number }
  | { readonly kind: 'gateway'; readonly gateway: WorkspaceGateway }
  | { readonly kind: 'failure'; readonly failure: EstateFailure }
  | { readonly kind: 'notAsked'; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: 'message'; readonly parent: string; readonly text: string; readonly problem: boolean };

/** Rows of a group that are shown at first, and again as many each time that more are asked for. */
export const rowsAtOnce = 200;

/** The top rows: groups in order, workspace gateways, what could not be read, what was not asked. */
export function rootNodes({ groups, gateways, failures, notAsked }: Listing): Node[] {
  return [
    ...[...groups.keys()].map((id): Node => ({ kind: 'group', id })),
    ...(gateways.length === 0 ? [] : [{ kind: 'gateways', count: gateways.length } as const]),
    ...failures.map((failure): Node => ({ kind: 'failure', failure })),
    ...(notAsked.length === 0 ? [] : [{ kind: 'notAsked', subscriptions: notAsked } as const]),
  ];
}

/** The rows of a group: so many instances, and one for the rest. */
export function groupNodes(group: Group, limit: number): Node[] {
  const instances = group.instances();
  const rows = instances.slice(0, limit).map((instance): Node => ({ kind: 'instance', instance }));
  const left = instances.length - rows.length;
  return left === 0 ? rows : [...rows, { kind: 'more', group: group.id, shown: rows.length, left }];
}

/** Self-hosted gateways belong to the Developer and Premium tiers (limits of API Management); new tiers are asked. */
export function sectionsOf({ tier }: Instance): Section[] {
  const mayHaveSelfHosted = /^(Developer|Premium|Isolated)/i.test(tier) || tierRules(tier).family === 'unknown';
  const always: Section[] = ['client', 'backend', 'ciphers', 'backends', 'hosts'];
  return mayHaveSelfHosted ? [...always, 'selfHosted'] : always;
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
      return node.id;
    case 'instance':
      return idKey(node.instance.id);
    case 'more':
      return `${node.group}#more`;
    case 'section':
      return `${idKey(node.instance.id)}#${node.section}`;
    case 'setting':
      return `${idKey(node.instance.id)}#setting/${node.setting}`;
    case 'host':
      return `${idKey(node.instance.id)}#${node.role}/${node.host}:${node.port}`;
    case 'selfHosted':
      return `${idKey(node.instance.id)}#selfHosted/${node.gateway.name}`;
    case 'gateways':
      return 'gateways';
    case 'gateway':
      return idKey(node.gateway.id);
    case 'failure':
      return `failure/${node.failure.scope}/${node.failure.id}`;
    case 'notAsked':
      return 'notAsked';
    case 'message':
      return `${node.parent}#message`;
  }
}
