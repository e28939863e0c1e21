// What can be done with the document of a survey: probe again, copy, save, compare with the probe before.

import { Uri, commands, env, l10n, window, workspace } from 'vscode';
import type { Survey } from '../../core/tls/evidence.ts';
import { reportOf, surveyBeforeUri, surveyHost, surveyJson, surveyUri } from '../documents.ts';
import type { Services } from '../services.ts';
import { probeInDepth } from './probe.ts';

interface Shown {
  readonly host: string;
  readonly survey: Survey;
}

/**
 * The survey that is shown; where there is none, the user is told so.
 * @param target the address of the document, or nothing: then the one in front
 */
function shown(services: Services, target: unknown): Shown | undefined {
  const uri = target instanceof Uri ? target : window.activeTextEditor?.document.uri;
  const host = uri && surveyHost(uri);
  const survey = host === undefined ? undefined : services.surveys.get(host);
  if (host !== undefined && survey) return { host, survey };
  void window.showInformationMessage(l10n.t('Open the document of a probe first, with Probe host...'));
  return undefined;
}

export async function probeAgain(services: Services, target: unknown): Promise<void> {
  const { endpoint } = shown(services, target)?.survey ?? {};
  if (!endpoint) return;
  await probeInDepth(services, { endpoint: { host: endpoint.host, port: endpoint.port }, path: endpoint.path ?? '/' });
}

export async function copySurvey(services: Services, target: unknown): Promise<void> {
  const found = shown(services, target);
  if (!found) return;
  const { host, survey } = found;
  await env.clipboard.writeText(await reportOf(survey));
  window.setStatusBarMessage(l10n.t('Copied: {0}', host), 3000);
}

export async function saveSurvey(services: Services, target: unknown): Promise<void> {
  const found = shown(services, target);
  if (!found) return;
  const { host, survey } = found;
  const name = `${host.replace(/[^a-z0-9.-]+/gi, '-').replace(/^-|-$/g, '')}.json`;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
    filters: { JSON: ['json'] },
    title: l10n.t('Save probe of {0}', host),
  });
  if (uri) await workspace.fs.writeFile(uri, new TextEncoder().encode(surveyJson(survey)));
}

export async function compareSurveys(services: Services, target: unknown): Promise<void> {
  const { host } = shown(services, target) ?? {};
  if (host === undefined) return;
  if (!services.surveys.before(host)) {
    void window.showInformationMessage(l10n.t('{0} was probed once in this window. Probe it again to compare.', host));
    return;
  }
  const title = l10n.t('{0}: the probe before and the last one', host);
  await commands.executeCommand('vscode.diff', surveyBeforeUri(host), surveyUri(host, 'md'), title);
}
