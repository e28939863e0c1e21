// The editor page inside VS Code.

import { mount } from './mount.tsx';
import type { PageApi } from './host.ts';

declare const acquireVsCodeApi: () => PageApi;

mount(acquireVsCodeApi());
