// What can be done with entries of the history: looked at, compared, taken back, copied, saved.

import { Uri, commands, env, l10n, window, workspace } from 'vscode';
import type { HistoryEntry } from '../../core/history.ts';
import {
  entryMarkdown,
  entryTitle,
  historyCsv,
  historyJson,
  isStateKnown,
  nameInId,
  resultAndTime,
  stateAfter,
} from '../../core/historyText.ts';
import type { CustomProperties, Instance } from '../../core/instance.ts';
import { readableMap } from '../commands/compare.ts';
import { instancesFor } from '../commands/pick.ts';
import type { Target } from '../commands/pick.ts';
import { told } from '../errors.ts';
import { openEditor } from '../panels/editors.ts';
import type { Services } from '../services.ts';
import { momentHere } from '../time.ts';
import type { Node } from '../tree/nodes.ts';
import { readingOf } from './items.ts';
import { allKey, entriesAtOnce, isHistoryNode } from './nodes.ts';
import { shownEntries } from './view.ts';

type Given = readonly [target: unknown, selection: readonly unknown[] | undefined];

/** Entries of the rows that were chosen, or that are selected in the view; newest first. */
function entriesOf(services: Services, [target, selection]: Given): HistoryEntry[] {
  const rows = selection && selection.length > 0 ? selection : target === undefined ? [] : [target];
  const nodes = rows.length > 0 ? rows : services.historyState.selection;
  const entries = nodes.flatMap((row) => (isHistoryNode(row) && row.kind !== 'moreEntries' ? [row.entry] : []));
  const distinct = new Map(entries.map((entry) => [entry.id, entry]));
  return [...distinct.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** The quick pick is no place for ten thousand rows. */
const mostPicked = 500;

/** The one entry that is meant; the user picks it where none is. Undefined: gave up, or there is none. */
async function entryFor(services: Services, given: Given, title: string): Promise<HistoryEntry | undefined> {
  const [first, ...more] = entriesOf(services, given);
  if (more.length > 0)
    throw told(l10n.t('{0} changes are selected, and this is done with one. Select one.', more.length + 1));
  return first ?? (await pickEntry(services, title));
}

/** @param other an entry that is not offered */
async function pickEntry(services: Services, title: string, other?: HistoryEntry): Promise<HistoryEntry | undefined> {
  const entries = (await shownEntries(services)).filter(({ id }) => id !== other?.id);
  if (entries.length === 0) {
    void window.showInformationMessage(
      other ? l10n.t('There is no other change to compare with.') : l10n.t('No change has been made from here yet.'),
    );
    return undefined;
  }
  const items = entries.slice(0, mostPicked).map((entry) => ({
    label: entryTitle(entry, readingOf(services, entry)),
    description: nameInId(entry.instanceId),
    detail: [momentHere(entry.startedAt), resultAndTime(entry), entry.who].filter(Boolean).join(', '),
    entry,
  }));
  const placeHolder =
    entries.length > mostPicked
      ? l10n.t('The newest {0} of {1} changes. Older ones are in the view History.', mostPicked, entries.length)
      : l10n.t('Choose a change');
  const options = { title, placeHolder, matchOnDescription: true, matchOnDetail: true };
  const picked = await window.showQuickPick(items, options);
  return picked?.entry;
}

async function diff(
  services: Services,
  left: { readonly name: string; readonly map: CustomProperties | null },
  right: { readonly name: string; readonly map: CustomProperties | null },
  title: string,
  preserveFocus = false,
): Promise<void> {
  const add = ({ name, map }: typeof left) => services.documents.add(`${name}.jsonc`, readableMap(map));
  await commands.executeCommand('vscode.diff', add(left), add(right), title, { preview: true, preserveFocus });
}

const fileMoment = (iso: string) => iso.slice(0, 19).replaceAll(':', '.');

export async function showChange(services: Services, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const entry = await entryFor(services, [target, selection], l10n.t('Show before and after'));
  if (!entry) return;
  const name = nameInId(entry.instanceId);
  const at = fileMoment(entry.startedAt);
  const before = { name: `${name}/${at}/before`, map: entry.before };
  // Where nothing was written, or nobody knows what was, there is only what was to be.
  const left = entry.result !== 'refused' && isStateKnown(entry);
  await diff(
    services,
    before,
    left ? { name: `${name}/${at}/after`, map: stateAfter(entry) } : { name: `${name}/${at}/sent`, map: entry.after },
    left
      ? l10n.t('{0}: before ↔ after the change of {1}', name, momentHere(entry.startedAt))
      : l10n.t('{0}: before ↔ what was to be written on {1}', name, momentHere(entry.startedAt)),
    // By a click on its row: whoever goes through the list stays in it.
    selection === undefined && isHistoryNode(target),
  );
}

/** The state that a change left, as one side of a comparison: by a name and in words. */
function sideOf(entry: HistoryEntry) {
  const name = nameInId(entry.instanceId);
  const known = isStateKnown(entry);
  return {
    name: `${name}/${fileMoment(entry.startedAt)}/${known ? 'after' : 'sent'}`,
    map: stateAfter(entry),
    said: known
      ? l10n.t('after the change of {0}', momentHere(entry.startedAt))
      : l10n.t('as sent on {0}', momentHere(entry.startedAt)),
  };
}

/** The states that two changes left, the older one on the left. */
export async function compareHistory(
  services: Services,
  target: unknown,
  selection?: readonly unknown[],
): Promise<void> {
  const chosen = entriesOf(services, [target, selection]);
  if (chosen.length > 2)
    throw told(l10n.t('{0} changes are selected, and two are compared. Select one or two.', chosen.length));
  const newer = chosen[0] ?? (await pickEntry(services, l10n.t('Compare: the first change')));
  const older = newer && (chosen[1] ?? (await pickEntry(services, l10n.t('Compare with the state after'), newer)));
  if (!newer || !older) return;
  const [left, right] = older.startedAt <= newer.startedAt ? [older, newer] : [newer, older];
  const [one, other] = [sideOf(left), sideOf(right)];
  const [leftName, rightName] = [left, right].map(({ instanceId }) => nameInId(instanceId));
  const title =
    leftName === rightName
      ? l10n.t('{0}: {1} ↔ {2}', leftName ?? '', one.said, other.said)
      : `${leftName}: ${one.said} ↔ ${rightName}: ${other.said}`;
  await diff(services, one, other, title);
}

export async function compareWithNow(
  services: Services,
  target: unknown,
  selection?: readonly unknown[],
): Promise<void> {
  const entry = await entryFor(services, [target, selection], l10n.t('Compare with now'));
  if (!entry) return;
  const { id, name } = instanceNow(services, entry);
  const { azure } = await services.connection();
  const fresh = await azure.readInstance(id);
  services.estate.put(fresh);
  const then = sideOf(entry);
  await diff(
    services,
    then,
    { name: `${name}/now`, map: fresh.customProperties },
    l10n.t('{0}: {1} ↔ now', name, then.said),
  );
}

/** Where the instance of an entry is now: an instance that was moved is found by its name, which is unique. */
function instanceNow({ estate }: Services, { instanceId }: HistoryEntry): Pick<Instance, 'id' | 'name'> {
  const name = nameInId(instanceId);
  const known = estate.instance(instanceId);
  const moved = known ?? estate.instances.find((instance) => instance.name.toLowerCase() === name.toLowerCase());
  return moved ?? { id: instanceId, name };
}

export async function undoChange(services: Services, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const entry = await entryFor(services, [target, selection], l10n.t('Undo this change'));
  if (!entry) return;
  const { id, name } = instanceNow(services, entry);
  const { undoEntry } = await import('../changes.ts');
  await undoEntry(services, { ...entry, instanceId: id }, name);
}

/** @param side the state before the change, or the one that it left */
export async function goBack(services: Services, given: Given, side: 'before' | 'after'): Promise<void> {
  const title = side === 'before' ? l10n.t('Go back to before this change') : l10n.t('Go back to the state after');
  const entry = await entryFor(services, given, title);
  if (!entry) return;
  if (side === 'after' && !isStateKnown(entry))
    throw told(
      l10n.t('It was not seen what this change left, so there is no way back to it. Go back to before it instead.'),
    );
  const instance = instanceNow(services, entry);
  const { goBackTo } = await import('../changes.ts');
  await goBackTo(services, instance, side === 'before' ? entry.before : stateAfter(entry), entry);
}

/** The chosen entries; without any, everything that the view shows. */
async function chosenOrShown(services: Services, given: Given): Promise<readonly HistoryEntry[]> {
  const chosen = entriesOf(services, given);
  return chosen.length > 0 ? chosen : shownEntries(services);
}

export async function copyHistory(services: Services, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const entries = await chosenOrShown(services, [target, selection]);
  if (entries.length === 0) return void window.showInformationMessage(l10n.t('No change has been made from here yet.'));
  const texts = entries.map((entry) => entryMarkdown(entry, momentHere, readingOf(services, entry)));
  await env.clipboard.writeText(texts.join('\n'));
  const copied = entries.length === 1 ? l10n.t('Copied: 1 change') : l10n.t('Copied: {0} changes', entries.length);
  window.setStatusBarMessage(copied, 3000);
}

export async function saveHistory(services: Services, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const entries = await chosenOrShown(services, [target, selection]);
  if (entries.length === 0) return void window.showInformationMessage(l10n.t('No change has been made from here yet.'));
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const name = `api-management-tls-history-${new Date().toISOString().slice(0, 10)}.csv`;
  const uri = await window.showSaveDialog({
    title: l10n.t('Save history'),
    ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
    filters: { CSV: ['csv'], JSON: ['json'] },
  });
  if (!uri) return;
  const asJson = uri.path.toLowerCase().endsWith('.json');
  const text = asJson ? historyJson(entries) : historyCsv(entries, (instanceId) => readingOf(services, { instanceId }));
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

export async function revealHistory(
  services: Services,
  target: unknown,
  selection?: readonly unknown[],
): Promise<void> {
  const entry = await entryFor(services, [target, selection], l10n.t('Open in editor'));
  if (!entry) return;
  const { id, name } = instanceNow(services, entry);
  openEditor(services, id, name);
}

export async function showAllHistory(services: Services, all: boolean): Promise<void> {
  await services.context.workspaceState.update(allKey, all);
  services.historyState.limit = entriesAtOnce;
  services.historyState.changed.fire();
}

export function showMoreHistory({ historyState }: Services): void {
  historyState.limit += entriesAtOnce;
  historyState.changed.fire();
}

/** The history of the chosen instances, until others are selected. */
export async function showHistory(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<void> {
  const instances = await instancesFor(services, target, selection);
  if (instances.length === 0) return;
  services.historyState.names = new Set(instances.map(({ name }) => name.toLowerCase()));
  await showAllHistory(services, false);
  await commands.executeCommand('apimTls.history.focus');
}
