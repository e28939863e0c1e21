// The frame of a page: strict content security policy, scripts by nonce only.

import { randomBytes } from 'node:crypto';
import { Uri, env, l10n } from 'vscode';
import type { Webview } from 'vscode';

/** JSON that cannot end the script element that holds it. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** @param page the name of its bundle in dist/webview */
export function pageHtml(webview: Webview, extensionUri: Uri, page: 'editor' | 'batch', title: string): string {
  const nonce = randomBytes(18).toString('base64');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  // The toolkit writes style elements, hence 'unsafe-inline' for styles; nothing else is loosened.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset(`${page}.css`)}">
<title>${title}</title>
</head>
<body>
<div id="root"></div>
<script type="application/json" id="l10n" nonce="${nonce}">${inlineJson(l10n.bundle ?? {})}</script>
<script nonce="${nonce}" src="${asset(`${page}.js`)}"></script>
</body>
</html>`;
}
