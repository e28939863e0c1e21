// Read-only documents of this extension: surveys as Markdown and JSON, maps of custom properties for the diff editor.

import { DocumentLink, Range, Uri, l10n, languages, window, workspace } from 'vscode';
import type { Disposable, EventEmitter, TextDocument } from 'vscode';
import { hostAndPort } from '../core/instance.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { surveyReport } from '../core/tls/surveyReport.ts';
import { documentScheme } from './places.ts';
import type { Surveys } from './surveys.ts';

export interface Documents extends Disposable {
  /** A document with the given text, under a name that people see in the tab. The newest hundred are kept. */
  add(path: string, text: string): Uri;
  /** What a document of ours says. */
  text(uri: Uri): Promise<string>;
}

/** The address of a host's last survey. */
export function surveyUri(host: string, extension: 'md' | 'json'): Uri {
  return Uri.from({ scheme: documentScheme, path: `/probe/${host}.${extension}` });
}

/** The address of the survey before the last one. */
export function surveyBeforeUri(host: string): Uri {
  return Uri.from({ scheme: documentScheme, path: `/probe/before/${host}.md` });
}

/** Host and port that a document of ours is about. */
export function surveyHost(uri: Uri): string | undefined {
  return uri.scheme === documentScheme ? /^\/probe\/(?:before\/)?([^/]+)\.(?:md|json)$/.exec(uri.path)?.[1] : undefined;
}

export async function reportOf(survey: Survey): Promise<string> {
  const { reportNames } = await import('../core/tls/reportNames.ts');
  return surveyReport(survey, reportNames);
}

export function surveyJson(survey: Survey): string {
  return `${JSON.stringify(survey, null, 2)}\n`;
}

export async function showSurvey(survey: Survey): Promise<void> {
  const document = await workspace.openTextDocument(surveyUri(hostAndPort(survey.endpoint), 'md'));
  await window.showTextDocument(document, { preview: true });
}

/** @param changed fired with the address of each document that says something else from now on */
export function openDocuments(surveys: Surveys, changed: EventEmitter<Uri>): Documents {
  const texts = new Map<string, string>();
  const links = languages.registerDocumentLinkProvider(
    { scheme: documentScheme },
    {
      provideDocumentLinks: (document) => {
        const host = surveyHost(document.uri);
        return host === undefined ? [] : jsonLinks(document, host);
      },
    },
  );
  const updates = surveys.onDidChange((host) => {
    for (const uri of [surveyUri(host, 'md'), surveyUri(host, 'json'), surveyBeforeUri(host)]) changed.fire(uri);
  });
  return {
    add: (path, text) => {
      const uri = Uri.from({ scheme: documentScheme, path: `/text/${path}` });
      texts.delete(uri.path);
      texts.set(uri.path, text);
      for (const oldest of [...texts.keys()].slice(0, Math.max(0, texts.size - 100))) texts.delete(oldest);
      changed.fire(uri);
      return uri;
    },
    text: async (uri) => {
      const host = surveyHost(uri);
      if (host === undefined)
        return texts.get(uri.path) ?? l10n.t('This document is no longer kept. Open it again from where it came.');
      const survey = uri.path.startsWith('/probe/before/') ? surveys.before(host) : surveys.get(host);
      if (!survey) return l10n.t('{0} has not been probed in this window. Run Probe host...', host);
      return uri.path.endsWith('.json') ? surveyJson(survey) : `${await reportOf(survey)}\n${jsonLine()}\n`;
    },
    dispose: () => {
      links.dispose();
      updates.dispose();
    },
  };
}

function jsonLine(): string {
  return l10n.t('Open as JSON');
}

function jsonLinks(document: TextDocument, host: string): DocumentLink[] {
  const start = document.getText().lastIndexOf(jsonLine());
  if (start < 0 || document.uri.path.endsWith('.json')) return [];
  const range = new Range(document.positionAt(start), document.positionAt(start + jsonLine().length));
  return [new DocumentLink(range, surveyUri(host, 'json'))];
}
