// The estate as the tree lists it, and what of it is drawn again.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EstateFailure, Instance } from '../../../src/core/instance.ts';
import { factsOf } from '../../../src/ui/tree/facts.ts';
import { listingOf } from '../../../src/ui/tree/listing.ts';
import type { Grouping, Listed, Listing, TreeView } from '../../../src/ui/tree/listing.ts';
import { groupNodes, nodeId, rootNodes, rowsAtOnce, sectionsOf } from '../../../src/ui/tree/nodes.ts';
import type { Node } from '../../../src/ui/tree/nodes.ts';
import { drawGroup, drawRoots, nothingDrawn, rowsToRedraw } from '../../../src/ui/tree/redraw.ts';
import { instance, key } from '../../support/instances.ts';

const weakMap = { [key('Security.Protocols.Tls10')]: 'True' };
const sub = (index: number) => `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;

function one(name: string, change: Partial<Instance> = {}): Instance {
  const subscriptionId = change.subscriptionId ?? sub(1);
  return instance({
    name,
    subscriptionId,
    id: `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${name}`,
    ...change,
  });
}

function listed(instances: readonly Instance[], rest: Partial<Listed> = {}): Listed {
  return {
    instances,
    gateways: [],
    failures: [],
    notAsked: [],
    subscriptionName: (id) => `Subscription ${Number(id.slice(-12))}`,
    ...rest,
  };
}

const all: TreeView = { grouping: 'subscription', filter: '', onlyWeak: false };
const namesIn = (listing: Listing) =>
  [...listing.groups.values()].map(({ label, instances }) => [label, instances().map(({ name }) => name)]);

describe('listing', () => {
  it('groups by subscription, tier, region and finding, in the order that people expect', () => {
    const instances = [
      one('b10', { subscriptionId: sub(2), tier: 'Premium', location: 'northeurope' }),
      one('b9', { subscriptionId: sub(2) }),
      one('a', { subscriptionId: sub(10), customProperties: weakMap }),
    ];
    const by = (grouping: Grouping) => namesIn(listingOf(listed(instances), { ...all, grouping }));
    assert.deepEqual(by('subscription'), [
      ['Subscription 2', ['b9', 'b10']],
      ['Subscription 10', ['a']],
    ]);
    assert.deepEqual(by('tier'), [
      ['Premium', ['b10']],
      ['Standard', ['a', 'b9']],
    ]);
    assert.deepEqual(by('region'), [
      ['northeurope', ['b10']],
      ['West Europe', ['a', 'b9']],
    ]);
    assert.deepEqual(
      by('finding').map(([, names]) => names),
      [['a'], ['b9', 'b10']],
    );
  });

  it('finds every word in name, group, tier, region, state, settings or subscription, in any case', () => {
    const instances = [
      one('shop', { resourceGroup: 'rg-web', subscriptionId: sub(7) }),
      one('hr', { tier: 'Developer', provisioningState: 'Failed' }),
    ];
    const find = (filter: string) =>
      namesIn(listingOf(listed(instances), { ...all, filter })).flatMap(([, names]) => names);
    assert.deepEqual(find('SHOP web'), ['shop']);
    assert.deepEqual(find('shop developer'), []);
    assert.deepEqual(find('failed developer'), ['hr']);
    assert.deepEqual(find('subscription 7'), ['shop']);
    assert.deepEqual(find('  '), ['shop', 'hr'].toSorted());
  });

  it('finds in all rows, not only in those that are shown, and says how many of how many', () => {
    const instances = Array.from({ length: 5000 }, (_, index) => one(`n-${index}`));
    const listing = listingOf(listed(instances), { ...all, filter: 'n-4321' });
    assert.deepEqual([listing.shown, listing.all], [1, 5000]);
    assert.equal(listing.open, true);
    assert.equal(listingOf(listed(instances), all).open, false);
  });

  it('opens what a filter leaves though the same group may be closed', () => {
    const instances = [one('x'), ...Array.from({ length: 300 }, (_, index) => one(`n-${index}`))];
    const [whole] = listingOf(listed(instances), all).groups.keys();
    const [found] = listingOf(listed(instances), { ...all, filter: 'x' }).groups.keys();
    assert.ok(whole && found && whole !== found);
  });

  it('counts the weak ones of all, whatever is filtered', () => {
    const instances = [one('a', { customProperties: weakMap }), one('zebra')];
    const listing = listingOf(listed(instances), { ...all, filter: 'zebra' });
    assert.deepEqual([listing.weak, listing.shown], [1, 1]);
    assert.deepEqual(
      namesIn(listingOf(listed(instances), { ...all, onlyWeak: true })).flatMap(([, names]) => names),
      ['a'],
    );
  });

  it('shows long groups in parts of 200, with a row for the rest', () => {
    const instances = Array.from({ length: 450 }, (_, index) => one(`n-${index}`));
    const [group] = listingOf(listed(instances), all).groups.values();
    assert.ok(group);
    const rows = (limit: number) => groupNodes(group, limit);
    assert.equal(rows(rowsAtOnce).length, 201);
    assert.deepEqual(rows(200).at(-1), { kind: 'more', group: group.id, shown: 200, left: 250 });
    assert.deepEqual(rows(400).at(-1), { kind: 'more', group: group.id, shown: 400, left: 50 });
    assert.equal(rows(600).length, 450);
  });

  it('gives each row an id of its own', () => {
    const failure: EstateFailure = { scope: 'subscription', id: sub(3), name: 'Three', code: 'X', message: '' };
    const gateway = { ...one('gw'), id: 'gw', tier: 'WorkspaceGatewayPremium' };
    const listing = listingOf(
      listed([one('a'), one('b', { subscriptionId: sub(2) })], {
        failures: [failure, { ...failure, scope: 'tenant' }],
        gateways: [gateway],
        notAsked: [{ id: sub(4), name: 'Four', tenantId: 't' }],
      }),
      all,
    );
    const ids = [...rootNodes(listing), ...[...listing.groups.values()].flatMap((group) => groupNodes(group, 200))].map(
      nodeId,
    );
    assert.equal(ids.length, 8);
    assert.equal(new Set(ids).size, 8);
  });

  it('works an instance out once', () => {
    const same = one('a');
    assert.equal(factsOf(same), factsOf(same));
  });

  it('asks for self-hosted gateways in the tiers that have them, and in tiers that it does not know', () => {
    const has = (tier: string) => sectionsOf(one('a', { tier })).includes('selfHosted');
    assert.deepEqual(['Developer', 'Premium', 'UltraV3'].map(has), [true, true, true]);
    assert.deepEqual(['Consumption', 'Basic', 'StandardV2'].map(has), [false, false, false]);
  });
});

describe('redraw', () => {
  const limits = new Map<string, number>();

  /** Everything drawn that is open, as VS Code has it after it has asked for all rows. */
  function draw(listing: Listing) {
    const drawn = nothingDrawn();
    drawRoots(drawn, listing);
    for (const group of listing.groups.values()) drawGroup(drawn, group, limits);
    return drawn;
  }
  const idsOf = (rows: 'all' | readonly Node[]) => (rows === 'all' ? rows : rows.map(nodeId));

  const a = one('a');
  const b = one('b', { subscriptionId: sub(2) });

  it('draws nothing where a new reading says the same', () => {
    const drawn = draw(listingOf(listed([a, b]), all));
    const again = [a, b].map((old) => ({ ...old, readAt: '2026-11-21T00:00:00Z' }));
    assert.deepEqual(rowsToRedraw(drawn, listingOf(listed(again), all), limits), []);
  });

  it('draws the one row that has changed, as the object that was given out', () => {
    const drawn = draw(listingOf(listed([a, b]), all));
    const changed = { ...b, provisioningState: 'Updating' };
    const listing = listingOf(listed([a, changed]), all);
    const rows = rowsToRedraw(drawn, listing, limits);
    assert.ok(rows !== 'all');
    assert.equal(rows.length, 1);
    assert.equal(rows[0], drawn.rows.get(b.id.toLowerCase()));
    assert.deepEqual(rowsToRedraw(drawn, listing, limits), [], 'once');
  });

  it('draws the group whose rows or counts have changed', () => {
    const drawn = draw(listingOf(listed([a, b]), all));
    const [first] = drawn.roots ?? [];
    const more = listingOf(listed([a, one('a2'), b]), all);
    assert.deepEqual(idsOf(rowsToRedraw(drawn, more, limits)), [first]);
    const weak = listingOf(listed([{ ...a, customProperties: weakMap }, one('a2'), b]), all);
    assert.deepEqual(idsOf(rowsToRedraw(drawn, weak, limits)), [first]);
  });

  it('draws the group of which more is to be seen', () => {
    const listing = listingOf(listed(Array.from({ length: 300 }, (_, index) => one(`n-${index}`))), all);
    const drawn = draw(listing);
    const [group] = drawn.roots ?? [];
    assert.deepEqual(idsOf(rowsToRedraw(drawn, listing, new Map([[group ?? '', 400]]))), [group]);
  });

  it('draws everything where groups come, go or are others, and where a failure says something else', () => {
    const failure: EstateFailure = { scope: 'subscription', id: sub(3), name: 'Three', code: 'X', message: 'No.' };
    const start = () => draw(listingOf(listed([a, b], { failures: [failure] }), all));
    const then = (instances: readonly Instance[], rest: Partial<Listed>, view = all) =>
      rowsToRedraw(start(), listingOf(listed(instances, rest), view), limits);
    assert.equal(then([a], { failures: [failure] }), 'all');
    assert.equal(then([a, b], {}), 'all');
    assert.equal(then([a, b], { failures: [{ ...failure, message: 'Still no.' }] }), 'all');
    assert.equal(then([a, b], { failures: [failure] }, { ...all, grouping: 'tier' }), 'all');
    assert.deepEqual(then([a, b], { failures: [failure] }), []);
  });

  it('draws nothing before anything was asked for and there is nothing to show', () => {
    assert.deepEqual(rowsToRedraw(nothingDrawn(), listingOf(listed([]), all), limits), []);
    assert.equal(rowsToRedraw(nothingDrawn(), listingOf(listed([a]), all), limits), 'all');
  });

  it('leaves no row behind that says something else than the estate', () => {
    const someInstances = fc.uniqueArray(
      fc.record({ index: fc.nat(30), state: fc.constantFrom('Succeeded', 'Updating'), weak: fc.boolean() }),
      { selector: ({ index }) => index, maxLength: 30 },
    );
    const made = (drafts: readonly { index: number; state: string; weak: boolean }[]) =>
      drafts.map(({ index, state, weak }) =>
        one(`n-${index}`, {
          subscriptionId: sub(index % 3),
          provisioningState: state,
          customProperties: weak ? weakMap : {},
        }),
      );
    /** What VS Code shows: ids with what the rows say. */
    const screen = (listing: Listing) =>
      [...listing.groups.values()].map(({ id, count, weak, instances }) => [
        `${id} ${count} ${weak}`,
        instances().map((shown) => `${shown.name} ${shown.provisioningState} ${String(factsOf(shown).weak)}`),
      ]);
    fc.assert(
      fc.property(someInstances, someInstances, (before, after) => {
        const old = listingOf(listed(made(before)), all);
        const now = listingOf(listed(made(after)), all);
        const shown = new Map([...old.groups.values()].map((group) => [group.id, group] as const));
        const rows = rowsToRedraw(draw(old), now, limits);
        if (rows === 'all') return;
        const redrawn = new Set(rows.map(nodeId));
        const result = [...shown.values()].map((group) => {
          const fresh = now.groups.get(group.id);
          if (redrawn.has(group.id)) return fresh;
          const instances = group.instances().map((row) => {
            const id = row.id.toLowerCase();
            return redrawn.has(id)
              ? (now.groups
                  .get(group.id)
                  ?.instances()
                  .find((next) => next.id === row.id) ?? row)
              : row;
          });
          return { ...group, instances: () => instances };
        });
        assert.deepEqual(
          screen({ ...now, groups: new Map(result.flatMap((group) => (group ? [[group.id, group]] : []))) }),
          screen(now),
        );
      }),
    );
  });
});
