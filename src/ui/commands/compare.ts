// The diff editor on the map as it is and the map as it would be written.

import { commands, l10n, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { Instance } from '../../core/instance.ts';
import { mapAsText } from '../../core/tls/customProperties.ts';
import { mapForDraft } from '../../core/tls/draft.ts';
import type { DraftChanges } from '../../core/tls/draft.ts';
import { presetChanges, presetIds } from '../../core/tls/presets.ts';
import { presetDescription, presetLabel } from '../../core/wording.ts';
import { textDocument } from '../documents.ts';

export async function compareWithPlan(instance: Instance, changes: DraftChanges): Promise<void> {
  const current = textDocument(`${instance.name}/current.json`, mapAsText(instance.customProperties));
  const planned = textDocument(`${instance.name}/planned.json`, mapAsText(mapForDraft(instance, changes)));
  await commands.executeCommand('vscode.diff', current, planned, l10n.t('{0}: current ↔ planned', instance.name), {
    preview: true,
  });
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
