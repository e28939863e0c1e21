// From rows of the tree to a change of several instances: the selected ones, those of a group, or all that the filter leaves.

import { l10n } from 'vscode';
import { mostInstances } from '../../core/batch.ts';
import type { Aim } from '../../core/batch.ts';
import type { Instance } from '../../core/instance.ts';
import { told } from '../errors.ts';
import type { Services } from '../services.ts';
import { listingOf } from '../tree/listing.ts';
import type { Node } from '../tree/nodes.ts';
import { currentView } from '../tree/tree.ts';
import { instanceOf } from './pick.ts';
import type { Target } from './pick.ts';

export async function changeSeveral(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<void> {
  if (services.estate.status === 'unread') await services.refresh();
  const rows = selection && selection.length > 0 ? selection : target === undefined ? [] : [target];
  const groups = listingOf(services.estate, currentView(services)).groups;
  const chosen = rows.flatMap((row) => {
    const group = typeof row === 'object' && row.kind === 'group' ? groups.get(row.id) : undefined;
    return group ? group.instances() : (instanceOf(row, services) ?? []);
  });
  await openBatch(
    services,
    chosen.length > 0 ? chosen : [...groups.values()].flatMap((group) => group.instances()),
    null,
  );
}

/** @param aim null: chosen on the page */
export async function openBatch(services: Services, instances: readonly Instance[], aim: Aim | null): Promise<void> {
  const instanceIds = [...new Set(instances.map(({ id }) => id))];
  if (instanceIds.length === 0) throw told(l10n.t('There are no API Management instances to choose from.'));
  if (instanceIds.length > mostInstances)
    throw told(
      l10n.t(
        '{0} instances are too many for one change; the most is {1}. Select some, choose a group, or set a filter.',
        instanceIds.length,
        mostInstances,
      ),
    );
  await services.batches.plan({ instanceIds, aim });
}
