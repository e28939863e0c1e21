// Text in documents of plans and of readiness: moments, and foreign words that lead nowhere.

import * as l10n from '@vscode/l10n';
import { plain } from '../markdown.ts';

/** "2026-11-20 12:00:00 UTC"; what is no moment stays as it is. */
export function utcText(iso: string): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return foreign(iso);
  return l10n.t('{0} UTC', new Date(time).toISOString().replace('T', ' ').slice(0, 19));
}

/** Words from outside among ours: no markup, and nothing that a viewer would turn into a link. */
export function foreign(text: string): string {
  return plain(text)
    .replaceAll('://', '\\://')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
    .replaceAll('@', '\\@');
}
