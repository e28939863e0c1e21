// The editor page alone in a browser, on a fake host. `?scenario=` and `?theme=` choose what it shows.

import { App } from '../editor/app.tsx';
import type { PageApi } from '../host.ts';
import { mount } from '../mount.tsx';
import { createFakeHost } from './fakeHost.ts';
import type { FakeHost } from './fakeHost.ts';
import { makeScenario, scenarioNames } from './scenarios.ts';
import type { ScenarioName } from './scenarios.ts';
import '../editor.css';
import './themes.css';

declare global {
  interface Window {
    /** For tests and for playing in the browser's console. */
    fakeHost: FakeHost;
  }
}

const themes: Readonly<Record<string, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  hc: 'vscode-high-contrast',
};

const query = new URLSearchParams(location.search);
const theme = themes[query.get('theme') ?? 'dark'] ?? 'vscode-dark';
// VS Code sets its colours on the root element and the kind of theme as a class of the body.
document.documentElement.className = theme;
document.body.className = theme;
const asked = query.get('scenario') ?? 'classic';
const name: ScenarioName = scenarioNames.find((known) => known === asked) ?? 'classic';
const pace = { probe: Number(query.get('probe') ?? 250), operation: Number(query.get('operation') ?? 6000) };

const scenario = makeScenario(name, Date.now());
const host = createFakeHost(scenario, pace, (message) => window.postMessage(message, location.origin));
window.fakeHost = host;

/** Survives a reload of the page, as VS Code's own state does. */
const key = `apim-tls:${name}`;
const api: PageApi = {
  postMessage: (message) => host.receive(structuredClone(message)),
  getState: () => JSON.parse(sessionStorage.getItem(key) ?? 'null') as unknown,
  setState: (state) => sessionStorage.setItem(key, JSON.stringify(state)),
};
mount(<App api={api} />);

// In this scenario somebody else makes a change soon after the draft was begun.
const { elsewhere } = scenario;
if (elsewhere) {
  const timer = setInterval(() => {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as { changes?: object } | null;
    if (Object.keys(kept?.changes ?? {}).length === 0) return;
    clearInterval(timer);
    host.changeElsewhere(elsewhere);
  }, 500);
}
