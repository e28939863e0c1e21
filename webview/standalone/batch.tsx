// The page of a change of several instances alone in a browser, on a made-up panel. `?scenario=` and `?theme=` choose what it shows.

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
const scenario = batchScenarios.find((known) => known === query.get('scenario')) ?? 'planned';
const host = createFakeBatch(scenario, Number(query.get('probe') ?? 100), (message) =>
  window.postMessage(message, location.origin),
);
// Under the name by which the tests know the made-up panel of the editor as well.
Object.assign(window, { fakeHost: host });

const key = 'apim-tls:batch';
mount(
  <BatchApp
    api={{
      postMessage: (message) => host.receive(structuredClone(message)),
      getState: () => JSON.parse(sessionStorage.getItem(key) ?? 'null') as unknown,
      setState: (state) => sessionStorage.setItem(key, JSON.stringify(state)),
    }}
  />,
);
