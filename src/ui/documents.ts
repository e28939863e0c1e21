// Read-only documents of this extension: surveys as text and JSON, maps of custom properties for the diff editor.

import { DocumentLink, EventEmitter, Range, Uri, l10n, languages, window, workspace } from 'vscode';
import type { Disposable, TextDocument } from 'vscode';
import { hostAndPort } from '../core/instance.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { surveyReport } from '../core/tls/surveyReport.ts';
import type { Services } from './services.ts';

export const scheme = 'apim-tls';

/** Texts handed over for a diff editor, by path; the newest hundred are kept. */
const texts = new Map<string, string>();
const changed = new EventEmitter<Uri>();

/** A document with the given text, under a name that people see in the tab. */
export function textDocument(path: string, text: string): Uri {
  const uri = Uri.from({ scheme, path: `/text/${path}` });
  texts.delete(uri.path);
  texts.set(uri.path, text);
  for (const oldest of [...texts.keys()].slice(0, Math.max(0, texts.size - 100))) texts.delete(oldest);
  changed.fire(uri);
  return uri;
}

function surveyUri(host: string, extension: 'txt' | 'json'): Uri {
  return Uri.from({ scheme, path: `/probe/${host}.${extension}` });
}

function surveyHost(uri: Uri): string | undefined {
  return /^\/probe\/(.+)\.(?:txt|json)$/.exec(uri.path)?.[1];
}

export async function showSurvey(survey: Survey): Promise<void> {
  const document = await workspace.openTextDocument(surveyUri(hostAndPort(survey.endpoint), 'txt'));
  await window.showTextDocument(document, { preview: true });
}

export function registerDocuments(services: Services): Disposable {
  const provider = workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const host = surveyHost(uri);
      if (host === undefined)
        return texts.get(uri.path) ?? l10n.t('This document is no longer kept. Open it again from where it came.');
      const survey = services.surveys.get(host);
      if (!survey) return l10n.t('{0} has not been probed in this window. Run Probe host...', host);
      if (uri.path.endsWith('.json')) return `${JSON.stringify(survey, null, 2)}\n`;
      const { suiteName } = await import('../core/tls/suiteNames.ts');
      return surveyReport(survey, suiteName, jsonLine());
    },
  });
  const links = languages.registerDocumentLinkProvider(
    { scheme },
    {
      provideDocumentLinks: (document) => {
        const host = surveyHost(document.uri);
        return host === undefined ? [] : jsonLinks(document, host);
      },
    },
  );
  const updates = services.surveys.onDidChange((host) => {
    changed.fire(surveyUri(host, 'txt'));
    changed.fire(surveyUri(host, 'json'));
  });
  return {
    dispose: () => {
      provider.dispose();
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
