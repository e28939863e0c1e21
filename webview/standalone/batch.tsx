// The page of a change of several instances alone in a browser, on a made-up panel. `?scenario=` and `?theme=` choose what it shows,
// `?apart` puts the panel into a thread of its own.

import { BatchApp } from '../batch/app.tsx';
import { mount } from '../mount.tsx';
import { batchScenarios, createFakeBatch } from './fakeBatch.ts';
import '../editor.css';
import '../batch/batch.css';
import './themes.css';

const themes: Readonly<Record<string, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  hc: 'vscode-high-contrast',
};

const query = new URLSearchParams(location.search);
const theme = themes[query.get('theme') ?? 'dark'] ?? 'vscode-dark';
document.documentElement.className = theme;
document.body.className = theme;

/** Takes a message to the made-up panel; its own come back to the window, as in VS Code. */
function startPanel(): (message: unknown) => void {
  if (query.has('apart')) {
    const worker = new Worker(`batchWorker.js${location.search}`);
    worker.onmessage = ({ data }: MessageEvent<unknown>) =>
      void window.dispatchEvent(new MessageEvent('message', { data }));
    return (message) => worker.postMessage(message);
  }
  const scenario = batchScenarios.find((known) => known === query.get('scenario')) ?? 'planned';
  const host = createFakeBatch(scenario, Number(query.get('probe') ?? 100), (message) =>
    window.postMessage(message, location.origin),
  );
  // Under the name by which the tests know the made-up panel of the editor as well.
  Object.assign(window, { fakeHost: host });
  return (message) => host.receive(structuredClone(message));
}

const post = startPanel();
const key = 'apim-tls:batch';
mount(
  <BatchApp
    api={{
      postMessage: post,
      getState: () => JSON.parse(sessionStorage.getItem(key) ?? 'null') as unknown,
      setState: (state) => sessionStorage.setItem(key, JSON.stringify(state)),
    }}
  />,
);
