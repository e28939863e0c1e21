// Which rows look different from what VS Code shows, so that nothing else is drawn again.

import type { Instance } from '../../core/instance.ts';
import type { Group, Listing } from './listing.ts';
import { groupNodes, nodeId, rootNodes, rowsAtOnce } from './nodes.ts';
import type { Node } from './nodes.ts';

/** The rows that VS Code knows. */
export interface Drawn {
  /** By id: VS Code draws again only the very objects that it was given. */
  readonly rows: Map<string, Node>;
  /** Ids of the top rows; undefined before they were asked for. */
  roots: readonly string[] | undefined;
  /** What top rows and instances looked like, by id. */
  readonly looks: Map<string, Look>;
  /** Ids of the rows below a group, for those that were asked for. */
  readonly below: Map<string, readonly string[]>;
}

type Look = Instance | string;

export function nothingDrawn(): Drawn {
  return { rows: new Map(), roots: undefined, looks: new Map(), below: new Map() };
}

/** The rows as VS Code is to have them: those that it knows already as the same objects. */
export function handOut(drawn: Drawn, nodes: readonly Node[]): Node[] {
  return nodes.map((node) => {
    const id = nodeId(node);
    const known = drawn.rows.get(id);
    if (known && (known.kind === 'group' || known.kind === 'instance' || known.kind === 'section')) return known;
    drawn.rows.set(id, node);
    return node;
  });
}

export function drawRoots(drawn: Drawn, listing: Listing): Node[] {
  const nodes = rootNodes(listing);
  drawn.rows.clear();
  drawn.looks.clear();
  drawn.below.clear();
  drawn.roots = nodes.map(nodeId);
  for (const node of nodes) drawn.looks.set(nodeId(node), lookOf(node, listing));
  return handOut(drawn, nodes);
}

export function drawGroup(drawn: Drawn, group: Group, limits: ReadonlyMap<string, number>): Node[] {
  const nodes = groupNodes(group, limits.get(group.id) ?? rowsAtOnce);
  drawn.below.set(group.id, nodes.map(nodeId));
  for (const node of nodes) if (node.kind === 'instance') drawn.looks.set(nodeId(node), node.instance);
  return handOut(drawn, nodes);
}

/** What a row of the first level says. */
function lookOf(node: Node, listing: Listing): Look {
  if (node.kind !== 'group') return JSON.stringify(node);
  const group = listing.groups.get(node.id);
  return `${group?.label ?? ''}|${group?.count ?? 0}|${group?.weak ?? 0}`;
}

function looksTheSame(a: Look | undefined, b: Look): boolean {
  if (a === b) return true;
  if (a === undefined || typeof a === 'string' || typeof b === 'string') return false;
  const shown = (instance: Instance) => JSON.stringify({ ...instance, readAt: '', etag: instance.etag !== null });
  return shown(a) === shown(b);
}

/** More rows than this are drawn again all together. */
const mostAlone = 50;

/** The rows to be drawn again; "all" where the top rows are others, or very many. They count as drawn from then on. */
export function rowsToRedraw(
  drawn: Drawn,
  listing: Listing,
  limits: ReadonlyMap<string, number>,
): 'all' | readonly Node[] {
  const roots = rootNodes(listing);
  const ids = roots.map(nodeId);
  if (drawn.roots === undefined ? ids.length > 0 : !sameIds(drawn.roots, ids)) return 'all';
  const differs = (node: Node) => !looksTheSame(drawn.looks.get(nodeId(node)), lookOf(node, listing));
  // Failures and the like are data themselves: only the whole level can be given anew.
  if (roots.some((node) => node.kind !== 'group' && differs(node))) return 'all';
  const rows = roots.flatMap((node) => (node.kind === 'group' ? changedInGroup(drawn, node, listing, limits) : []));
  return rows.length > mostAlone ? 'all' : rows;
}

/** The group's row, which brings the rows below with it, or those of its instances that look different. */
function changedInGroup(
  drawn: Drawn,
  node: Extract<Node, { kind: 'group' }>,
  listing: Listing,
  limits: ReadonlyMap<string, number>,
): readonly Node[] {
  const group = listing.groups.get(node.id);
  const row = drawn.rows.get(node.id);
  if (!group || !row) return [];
  const look = lookOf(node, listing);
  const below = drawn.below.get(node.id);
  const nodes = below === undefined ? [] : groupNodes(group, limits.get(node.id) ?? rowsAtOnce);
  if (looksTheSame(drawn.looks.get(node.id), look) && (below === undefined || sameIds(below, nodes.map(nodeId))))
    return nodes.flatMap((child) => changedInstance(drawn, child));
  drawn.looks.set(node.id, look);
  // They are asked for again as soon as the group is open.
  drawn.below.delete(node.id);
  return [row];
}

function changedInstance(drawn: Drawn, node: Node): Node[] {
  if (node.kind !== 'instance') return [];
  const id = nodeId(node);
  if (looksTheSame(drawn.looks.get(id), node.instance)) return [];
  drawn.looks.set(id, node.instance);
  return [drawn.rows.get(id) ?? node];
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
