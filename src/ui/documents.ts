// Read-only documents of this extension: surveys as text and JSON, maps of custom properties for the diff editor.

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

function surveyUri(host: string, extension: 'txt' | 'json'): Uri {
  return Uri.from({ scheme: documentScheme, path: `/probe/${host}.${extension}` });
}

function surveyHost(uri: Uri): string | undefined {
  return /^\/probe\/(.+)\.(?:txt|json)$/.exec(uri.path)?.[1];
}

export async function showSurvey(survey: Survey): Promise<void> {
  const document = await workspace.openTextDocument(surveyUri(hostAndPort(survey.endpoint), 'txt'));
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
    changed.fire(surveyUri(host, 'txt'));
    changed.fire(surveyUri(host, 'json'));
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
      const survey = surveys.get(host);
      if (!survey) return l10n.t('{0} has not been probed in this window. Run Probe host...', host);
      if (uri.path.endsWith('.json')) return `${JSON.stringify(survey, null, 2)}\n`;
      const { suiteName } = await import('../core/tls/suiteNames.ts');
      return surveyReport(survey, suiteName, jsonLine());
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
