// What the tree shows: grouping, filter, only weak.

import { l10n, window } from 'vscode';
import type { Services } from '../services.ts';
import { changeView, currentView, groupingLabel } from '../tree/tree.ts';
import type { Grouping } from '../tree/listing.ts';

export async function groupBy(services: Services, wanted: unknown): Promise<void> {
  const groupings: readonly Grouping[] = ['subscription', 'tier', 'region', 'finding'];
  const given = groupings.find((grouping) => grouping === wanted);
  const now = currentView(services).grouping;
  const picked =
    given ??
    (
      await window.showQuickPick(
        groupings.map((grouping) => ({
          label: groupingLabel(grouping),
          description: grouping === now ? l10n.t('current') : '',
          grouping,
        })),
        { title: l10n.t('Group instances by') },
      )
    )?.grouping;
  if (picked) await changeView(services, { grouping: picked });
}

export async function filter(services: Services, wanted: unknown): Promise<void> {
  const text =
    typeof wanted === 'string'
      ? wanted
      : await window.showInputBox({
          title: l10n.t('Filter instances'),
          prompt: l10n.t(
            'Words of name, resource group, tier, region, subscription or state. Leave empty to show all.',
          ),
          value: currentView(services).filter,
          placeHolder: 'prod TLS 1.0',
        });
  if (text !== undefined) await changeView(services, { filter: text.trim() });
}
