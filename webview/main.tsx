// The editor page inside VS Code.

import { App } from './editor/app.tsx';
import type { PageApi } from './host.ts';
import { mount } from './mount.tsx';
import './editor.css';

declare const acquireVsCodeApi: () => PageApi;

mount(<App api={acquireVsCodeApi()} />);
