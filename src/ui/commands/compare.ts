// The diff editor on the map as it is and the map as it would be written.

import { commands, l10n, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { CustomProperties, Instance } from '../../core/instance.ts';
import { keyPrefix, mapAsText } from '../../core/tls/customProperties.ts';
import { mapForDraft } from '../../core/tls/draft.ts';
import type { DraftChanges } from '../../core/tls/draft.ts';
import { presetChanges, presetIds } from '../../core/tls/presets.ts';
import { presetDescription, presetLabel } from '../../core/wording.ts';
import type { Services } from '../services.ts';

export async function compareWithPlan(services: Services, instance: Instance, changes: DraftChanges): Promise<void> {
  const current = services.documents.add(`${instance.name}/current.jsonc`, readableMap(instance.customProperties));
  const planned = services.documents.add(`${instance.name}/planned.jsonc`, readableMap(mapForDraft(instance, changes)));
  await commands.executeCommand('vscode.diff', current, planned, l10n.t('{0}: current ↔ planned', instance.name), {
    preview: true,
  });
}

/** One key a line, sorted, without the 45 letters that nearly all share: they would fill a narrow diff editor. */
export function readableMap(map: CustomProperties | null): string {
  const shared = l10n.t('Keys are shown without “{0}”.', keyPrefix);
  const prefix = new RegExp(`^(\\s*")${keyPrefix.replaceAll('.', '\\.')}`, 'gim');
  return `// ${shared}\n${mapAsText(map).replaceAll(prefix, '$1')}`;
}

/** Asks for the plan to compare with: the draft of the open editor, or a preset. Undefined where the user gave up. */
export async function pickPlan(instance: Instance, draft: DraftChanges | undefined): Promise<DraftChanges | undefined> {
  const items: (QuickPickItem & { readonly changes: DraftChanges })[] = [
    ...(draft && Object.keys(draft).length > 0
      ? [
          {
            label: l10n.t('Draft in the editor'),
            description: l10n.t('{0} changed settings', Object.keys(draft).length),
            changes: draft,
          },
        ]
      : []),
    ...presetIds.map((preset) => ({
      label: presetLabel(preset),
      detail: presetDescription(preset),
      changes: presetChanges(instance, preset),
    })),
  ];
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Compare {0} with', instance.name),
    matchOnDetail: true,
  });
  return picked?.changes;
}
