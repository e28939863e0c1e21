// How a row of the tree shows that its instance has changed elsewhere: words in the row, a badge, lines in the tooltip.

import { FileDecoration, EventEmitter, ThemeColor, Uri, l10n, window } from 'vscode';
import type { Disposable } from 'vscode';
import { isNotable } from '../../core/drift.ts';
import type { Drift } from '../../core/drift.ts';
import { driftLines, gradeText, writersText } from '../../core/driftText.ts';
import type { Instance } from '../../core/instance.ts';
import type { Drifts } from '../drifts.ts';
import type { Services } from '../services.ts';
import { agoHere } from '../time.ts';

const scheme = 'apim-tls-instance';

function uriOf(instanceId: string): Uri {
  return Uri.from({ scheme, path: instanceId });
}

export interface DriftMark {
  /** For the row: "changed since 3 days ago". */
  readonly text: string;
  /** By which the badge is found. */
  readonly uri: Uri;
}

export function driftMark({ drifts }: Services, instance: Instance): DriftMark | undefined {
  const drift = drifts.of(instance.id);
  if (!drift || !isNotable(drift)) return undefined;
  return { text: l10n.t('changed since {0}', agoHere(drift.since.at)), uri: uriOf(drift.instanceId) };
}

/** What changed, by whom, and for better or worse; empty where nothing has. */
export function driftTooltip({ drifts }: Services, instance: Instance): string[] {
  const drift = drifts.of(instance.id);
  if (!drift) return [];
  const writers = drifts.writersOf(drift);
  return [
    l10n.t('Changed since you last looked, {0}. {1}:', agoHere(drift.since.at), gradeText(drift.grade)),
    ...driftLines(drift, instance).map(({ text }) => `• ${text}`),
    ...(writers ? [writersText(writers, agoHere)] : []),
  ];
}

/** The badge beside the row's name. Words in the row and its label say the same. */
export function badgeDrifts(drifts: Drifts): Disposable {
  const changed = new EventEmitter<Uri[]>();
  const listening = drifts.onDidChange((ids) => changed.fire(ids.map(uriOf)));
  const provider = window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => {
      const drift = uri.scheme === scheme ? drifts.of(uri.path) : undefined;
      return drift && isNotable(drift) ? badgeOf(drift) : undefined;
    },
  });
  return {
    dispose: () => {
      provider.dispose();
      listening.dispose();
      changed.dispose();
    },
  };
}

function badgeOf(drift: Drift): FileDecoration {
  const colour = drift.grade === 'weaker' ? 'list.warningForeground' : 'gitDecoration.modifiedResourceForeground';
  return new FileDecoration('≠', l10n.t('Changed since you last looked'), new ThemeColor(colour));
}
