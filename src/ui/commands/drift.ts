// What changed elsewhere: shown, and accepted as it is.

import { l10n, window } from 'vscode';
import type { Drift } from '../../core/drift.ts';
import { driftSentence, gradeText } from '../../core/driftText.ts';
import { openEditor } from '../panels/editors.ts';
import type { Services } from '../services.ts';
import { agoHere } from '../time.ts';
import type { Node } from '../tree/nodes.ts';
import { instanceOf } from './pick.ts';
import type { Target } from './pick.ts';

/** Opens the editor of the instance, where before and now stand beside each other; with several, the user picks one. */
export async function showDrift(services: Services, target: Target): Promise<void> {
  const own = instanceOf(target, services);
  const drift = own ? services.drifts.of(own.id) : await pickDrift(services, l10n.t('Changed since you last looked'));
  if (drift) openEditor(services, drift.instanceId, drift.name);
}

export async function acceptDrift(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<void> {
  const rows = selection && selection.length > 0 ? selection : [target];
  const chosen = rows.flatMap((row) => instanceOf(row, services) ?? []);
  const drifts =
    chosen.length > 0
      ? chosen.flatMap(({ id }) => services.drifts.of(id) ?? [])
      : [await pickDrift(services, l10n.t('Accept as it is now'))].filter((drift) => drift !== undefined);
  if (drifts.length === 0) return;
  await services.drifts.accept(drifts.map(({ instanceId }) => instanceId));
  window.setStatusBarMessage(l10n.t('Accepted as it is: {0}', drifts.map(({ name }) => name).join(', ')), 3000);
}

async function pickDrift(services: Services, title: string): Promise<Drift | undefined> {
  const { drifts, estate } = services;
  if (estate.status === 'unread') await services.refresh();
  await drifts.settled();
  const all = drifts.notable;
  if (all.length === 0) {
    void window.showInformationMessage(l10n.t('Nothing has changed elsewhere since you last looked.'));
    return undefined;
  }
  const items = all.map((drift) => {
    const instance = estate.instance(drift.instanceId);
    return {
      label: drift.name,
      description: l10n.t('{0}, last seen {1}', gradeText(drift.grade), agoHere(drift.since.at)),
      detail: instance ? driftSentence(drift, instance) : '',
      drift,
    };
  });
  const picked = await window.showQuickPick(items, { title, matchOnDetail: true });
  return picked?.drift;
}
