// The page of a change of several instances inside VS Code.

import type { PageApi } from '../host.ts';
import { mount } from '../mount.tsx';
import '../editor.css';
import { BatchApp } from './app.tsx';
import './batch.css';

declare const acquireVsCodeApi: () => PageApi;

mount(<BatchApp api={acquireVsCodeApi()} />);
