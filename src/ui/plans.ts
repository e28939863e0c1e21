// Plans as documents: saved, copied, opened, checked against the present. Loaded at the first of these; keeps no state.

import { createHash } from 'node:crypto';
import { ProgressLocation, ViewColumn, commands, l10n, window, workspace } from 'vscode';
import type { TextDocument, Uri } from 'vscode';
import { updateRequest } from '../azure/updateRequest.ts';
import { failureSentence } from '../core/failureText.ts';
import { plainText } from '../core/failure.ts';
import { hostAndPort, idKey } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import type { DraftChanges } from '../core/tls/draft.ts';
import { planDocument } from '../core/tls/planDocument.ts';
import { isAsSaved } from '../core/tls/planComparison.ts';
import { comparisonDocument, comparisonSentence } from '../core/tls/planComparisonText.ts';
import { holdsPlan, longestPlanFile, planFileSuffix, readPlanFile, unreadableText } from '../core/tls/planFile.ts';
import type { SavedPlan } from '../core/tls/planFile.ts';
import { utcText } from '../core/tls/planText.ts';
import { readSettings } from '../core/tls/settings.ts';
import { changeCountText } from '../core/wording.ts';
import { changesBetween, statesForDraft } from '../core/tls/draft.ts';
import { usualLogs } from '../flows/checkLogs.ts';
import type { CheckInput } from '../flows/checkSettings.ts';
import { readPlanEvidence } from '../flows/readPlanEvidence.ts';
import type { PlanEvidence } from '../flows/readPlanEvidence.ts';
import { reopenPlan } from '../flows/reopenPlan.ts';
import type { Reopened } from '../flows/reopenPlan.ts';
import { abortOn } from './cancellation.ts';
import { estateKind, hostsAtOnce } from './config.ts';
import { told } from './errors.ts';
import { gatewayEndpoints } from './gatewayCheck.ts';
import { copyText, saveTextFile } from './saveText.ts';
import type { Services } from './services.ts';
import { readText } from './text.ts';

// This bundle has a copy of the core's sentences of its own.
readText();

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

/** What a plan is made of, as far as it is known in this window. */
export type PlanSource = PlanEvidence;

async function documentOf(services: Services, source: PlanSource, changes: DraftChanges): Promise<string> {
  const { instance } = source;
  refuseEmpty(instance, changes);
  const { cloud } = await services.connection();
  const text = planDocument(
    {
      ...source,
      changes,
      savedAt: new Date().toISOString(),
      estate: estateKind(),
      request: updateRequest(cloud, instance.id),
    },
    digest,
  );
  const problem = unreadableText(text, digest);
  if (problem !== null)
    throw told(l10n.t('The plan for {0} could not be opened again, so it is not written. {1}', instance.name, problem));
  return text;
}

function refuseEmpty(instance: Instance, changes: DraftChanges): void {
  if (changesBetween(readSettings(instance), statesForDraft(instance, changes)).length === 0)
    throw told(l10n.t('There is no plan for {0} yet: change a setting in its editor first.', instance.name));
}

/** False where the user chose no file. */
export async function savePlanAs(services: Services, source: PlanSource, changes: DraftChanges): Promise<boolean> {
  const { name } = source.instance;
  const text = await documentOf(services, source, changes);
  const uri = await saveTextFile({
    title: l10n.t('Save the plan for {0}', name),
    name: `${name}-${new Date().toISOString().slice(0, 10)}${planFileSuffix}`,
    kind: l10n.t('TLS plan'),
    // Its last part alone: dialogs take no other ending for that of the name, and add it again.
    ending: 'md',
    text,
  });
  if (uri) window.setStatusBarMessage(l10n.t('Saved: {0}', plainText(uri.path.split('/').at(-1) ?? '')), 3000);
  return uri !== undefined;
}

export async function copyPlan(services: Services, source: PlanSource, changes: DraftChanges): Promise<void> {
  await copyText(l10n.t('plan for {0}', source.instance.name), await documentOf(services, source, changes));
}

/** The kept draft of an instance of which no editor is open, checked now so that its plan has evidence. */
export async function sourceOf(
  services: Services,
  listed: Instance,
): Promise<{ readonly source: PlanSource; readonly changes: DraftChanges }> {
  const draft = await services.drafts.of(listed.id);
  const changes = draft?.changes ?? {};
  // Before anything is probed in vain.
  refuseEmpty(listed, changes);
  const title = l10n.t('Gathering evidence for the plan of {0}', listed.name);
  const source = await withBar(services, title, (input) =>
    readPlanEvidence({ ...input, instanceId: listed.id, changes, now: () => new Date() }),
  );
  services.estate.put(source.instance);
  const gateway = services.surveys.of(gatewayEndpoints(source.instance).map(hostAndPort));
  return { source: { ...source, surveys: { ...gateway, ...source.surveys } }, changes };
}

/** Shows the document of a plan that is chosen or given, and offers to check it against the present. */
export async function openPlan(services: Services, given: Uri | undefined): Promise<void> {
  const uri = given ?? (await chooseFile());
  if (!uri) return;
  const saved = await readPlan(uri);
  // As text: a preview would load pictures and follow links of whoever wrote it.
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  const check = l10n.t('Check against the present');
  const sentence = l10n.t(
    'Plan for {0}, saved on {1}: {2}. Nothing is applied from a file.',
    plainText(saved.instance.name, 100),
    utcText(saved.savedAt),
    changeCountText(Object.keys(saved.changes).length),
  );
  if ((await window.showInformationMessage(sentence, check)) === check) await checkSaved(services, saved);
}

async function chooseFile(): Promise<Uri | undefined> {
  const [chosen] =
    (await window.showOpenDialog({
      title: l10n.t('Open a TLS plan'),
      canSelectMany: false,
      filters: { [l10n.t('TLS plan')]: ['md'], [l10n.t('All files')]: ['*'] },
    })) ?? [];
  return chosen;
}

/** Checks the plan in a document against the present: one that is given, or the one in front, saved or not. */
export async function checkPlan(services: Services, given: Uri | undefined): Promise<void> {
  const front = window.activeTextEditor?.document;
  const uri = given ?? (front && isPlan(front) ? front.uri : await chooseFile());
  if (uri) await checkSaved(services, await readPlan(uri));
}

function isPlan(document: TextDocument): boolean {
  return document.uri.path.endsWith(planFileSuffix) || holdsPlan(document.getText());
}

async function readPlan(uri: Uri): Promise<SavedPlan> {
  const name = plainText(uri.path.split('/').at(-1) ?? '', 200);
  const read = readPlanFile(await textAt(uri, name), digest);
  if (!read.ok) throw told(`${name}: ${read.problem}`);
  return read.plan;
}

async function textAt(uri: Uri, name: string): Promise<string> {
  const open = workspace.textDocuments.find((document: TextDocument) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  const { size } = await workspace.fs.stat(uri);
  // A character takes four bytes at most.
  if (size > 4 * longestPlanFile)
    throw told(l10n.t('{0} has {1} bytes and is no plan. Choose another file.', name, size));
  return new TextDecoder().decode(await workspace.fs.readFile(uri));
}

async function checkSaved(services: Services, saved: SavedPlan, instanceId = saved.instance.id): Promise<void> {
  const name = plainText(saved.instance.name, 100);
  const found = await reopened(services, saved, instanceId);
  if (found.kind === 'checked') return takeOver(services, saved, found);
  if (found.kind === 'moved') {
    const there = l10n.t('Check it there');
    const sentence = l10n.t('{0} has been moved to {1} since the plan was saved.', name, plainText(found.to));
    if ((await window.showWarningMessage(sentence, there)) === there) await checkSaved(services, saved, found.to);
    return;
  }
  throw told(notFoundText(found, name), found.kind === 'gone' ? found.failure.code : 'unknown');
}

function notFoundText(found: Exclude<Reopened, { kind: 'checked' | 'moved' }>, name: string): string {
  switch (found.kind) {
    case 'otherEstate':
      return found.wanted === 'sample'
        ? l10n.t(
            'The plan for {0} is of the sample estate. Open the sample estate first, then open the plan again.',
            name,
          )
        : l10n.t(
            'The plan for {0} is of a real instance. Leave the sample estate first, then open the plan again.',
            name,
          );
    case 'otherCloud':
      return l10n.t(
        '{0} is in another cloud than the one that is chosen: its Azure Resource Manager is {1}. Choose that cloud in the settings, then open the plan again.',
        name,
        plainText(found.wanted, 200),
      );
    case 'otherTenant':
      return l10n.t(
        '{0} is in the tenant {1}, which no signed-in account reaches. Sign in with an account of that tenant, then open the plan again.',
        name,
        plainText(found.tenantId, 100),
      );
    case 'otherSubscription':
      return l10n.t(
        '{0} is in the subscription {1}, which no signed-in account may read. Ask for the role API Management Service Reader on it, then open the plan again.',
        name,
        plainText(found.subscriptionId, 100),
      );
    case 'gone':
      return l10n.t('{0} is not there any more. {1}', name, failureSentence(found.failure));
  }
}

/** Runs a check behind a bar that can be cancelled; what it saw is kept. */
function withBar<Result>(
  services: Services,
  title: string,
  check: (input: Omit<CheckInput, 'instanceId'>) => Promise<Result>,
): Thenable<Result> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const connection = await services.connection();
    const probe = await import('../probe/survey.ts');
    return check({
      azure: connection.azure,
      probe,
      probeOptions: { ...connection.probeOptions(), atOnce: hostsAtOnce() },
      signal: abortOn(token),
      onProgress: ({ surveys, done, total }) => {
        for (const [host, survey] of Object.entries(surveys))
          if (services.surveys.get(host) !== survey) services.surveys.put(survey);
        progress.report({ message: l10n.t('{0} of {1} hosts', done, total) });
      },
    });
  });
}

async function reopened(services: Services, saved: SavedPlan, instanceId: string): Promise<Reopened> {
  const { readDirectory, cloud } = await services.connection();
  const title = l10n.t('Checking the plan for {0}', plainText(saved.instance.name, 100));
  return withBar(services, title, (input) =>
    reopenPlan({
      ...input,
      ...{ saved, instanceId, readDirectory, traffic: usualLogs, now: () => new Date() },
      ...{ estate: estateKind(), resourceManager: cloud.arm },
    }),
  );
}

/** The changes of the plan become the draft of the editor, from where they are applied like any others. */
async function takeOver(
  services: Services,
  saved: SavedPlan,
  { check, comparison }: Extract<Reopened, { kind: 'checked' }>,
): Promise<void> {
  const { instance, plan } = check;
  services.estate.put(instance);
  const sentence = comparisonSentence(comparison);
  const differences = l10n.t('Show what differs');
  if (await mayReplaceDraft(services, instance, saved)) {
    await services.drafts.keep({
      instanceId: instance.id,
      base: { etag: instance.etag, map: instance.customProperties },
      changes: saved.changes,
    });
    await commands.executeCommand('apimTls.edit', instance.id);
    void services.editors.get(idKey(instance.id))?.takeDraft(check);
  }
  const count = changeCountText(plan.changes.length);
  const chosen = await window.showInformationMessage(
    l10n.t('Plan for {0}, made anew: {1}. {2}', instance.name, count, sentence),
    ...(isAsSaved(comparison) ? [] : [differences]),
  );
  if (chosen !== differences) return;
  const text = comparisonDocument(saved, comparison, new Date().toISOString());
  const uri = services.documents.add(`${instance.name}/plan-checked.md`, text);
  await window.showTextDocument(await workspace.openTextDocument(uri), { viewColumn: ViewColumn.Beside });
}

async function mayReplaceDraft(services: Services, instance: Instance, saved: SavedPlan): Promise<boolean> {
  const draft = await services.drafts.of(instance.id);
  const own = Object.entries(draft?.changes ?? {});
  const wanted = new Map<string, string>(Object.entries(saved.changes));
  if (own.every(([id, value]) => wanted.get(id) === value)) return true;
  const replace = l10n.t('Replace the draft');
  const question = l10n.t('The editor of {0} has a draft of its own. Replace it by the plan?', instance.name);
  const detail = l10n.t(
    'In the draft: {0}. In the plan: {1}.',
    changeCountText(own.length),
    changeCountText(wanted.size),
  );
  return (await window.showWarningMessage(question, { modal: true, detail }, replace)) === replace;
}
