// The pages alone in a browser, with a fake host: `npm run webview`. Built anew at each load of the page.
import * as esbuild from 'esbuild';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * The page as the panel writes it: the same policy for contents, the same root element. `apart`: a made-up panel runs in a
 * thread of its own, and may be loaded.
 */
function html(nonce, page, apart) {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; font-src 'self'${apart ? "; worker-src 'self'" : ''}`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <title>API Management TLS: ${page} page</title>
    <link rel="stylesheet" href="${page}.css">
  </head>
  <body>
    <div id="root"></div>
    <script type="application/json" id="l10n" nonce="${nonce}">{}</script>
    <script nonce="${nonce}" src="${page}.js"></script>
  </body>
</html>
`;
}

/**
 * Serves the pages on a free loopback port: the editor at its root, the change of several instances at `batch`.
 * `rebuild`: build again at each load of the page; else once.
 */
export async function serveWebview({ rebuild = false } = {}) {
  const context = await esbuild.context({
    absWorkingDir: root,
    entryPoints: {
      editor: 'webview/standalone/main.tsx',
      batch: 'webview/standalone/batch.tsx',
      batchWorker: 'webview/standalone/batchWorker.ts',
    },
    outdir: 'out',
    write: false,
    bundle: true,
    minify: !rebuild,
    sourcemap: rebuild ? 'inline' : false,
    legalComments: 'none',
    logLevel: 'warning',
    mainFields: ['module', 'main'],
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file' },
  });
  let built = await context.rebuild();
  const answer = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const name = pathname.slice(1);
    const send = (type, body) =>
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
    if (name === '' || name === 'batch') {
      if (rebuild) built = await context.rebuild();
      return send('text/html', html(randomBytes(16).toString('base64'), name || 'editor', searchParams.has('apart')));
    }
    const file = built.outputFiles.find((output) => path.basename(output.path) === name);
    if (!file) return response.writeHead(404).end();
    return send(name.endsWith('.css') ? 'text/css' : 'text/javascript', file.contents);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(String(error.message));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await context.dispose();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, close } = await serveWebview({ rebuild: true });
  console.log(`The editor page is ready at ${url}, that of several instances at ${url}batch`);
  console.log(
    'Choose with ?scenario=classic|consumption|v2|developer|nullmap|elsewhere|many|empty|failing&theme=dark|light|hc',
  );
  console.log('It is built anew at each load of the page. Press Ctrl+C to end.');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void close());
}
