// How long our own code keeps the extension host busy when it activates, and what it does meanwhile. code-server, one
// fresh extension host for each of the samples.

import { statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/processes.mjs';
import { startWorkbench, workbenchIsUp } from '../test/support/workbench.ts';
import { benchExtension } from './support/benchExtension.ts';
import { printFigure, printSeries } from './support/figures.ts';

const samples = 21;

const kilobytes = (file: string) => statSync(path.join(root, 'dist', file)).size / 1000;
const extension = benchExtension('activation');
const workbench = await startWorkbench({ extensionFolder: extension.folder, env: extension.env });
try {
  for (let count = 1; count < samples; count += 1) {
    await extension.activations(count);
    await workbench.page.reload();
    await workbenchIsUp(workbench.page);
  }
  const all = await extension.activations(samples);
  const series = (pick: (activation: (typeof all)[number]) => number) => all.map(pick);
  printSeries(
    series(({ own }) => own),
    { name: 'activation, own code', unit: 'ms', goal: '<= 5' },
  );
  printSeries(
    series(({ cpu }) => cpu),
    { name: 'activation, processor time of own code', unit: 'ms' },
  );
  printSeries(
    series(({ all }) => all),
    { name: 'activation with reading and compiling the bundle', unit: 'ms' },
  );
  const names = (pick: (activation: (typeof all)[number]) => readonly string[]) => [...new Set(all.flatMap(pick))];
  const calls = names(({ calls }) => calls);
  const chunks = names(({ chunks }) => chunks);
  if (calls.length > 0) console.log(`Called in activate: ${calls.join(', ')}`);
  if (chunks.length > 0) console.log(`Loaded in activate: ${chunks.join(', ')}`);
  printFigure({ name: 'activation, file and network functions called', value: calls.length, unit: '', goal: '<= 0' });
  printFigure({ name: 'activation, further bundles loaded', value: chunks.length, unit: '', goal: '<= 0' });
  printFigure({ name: 'main bundle', value: kilobytes('extension.cjs'), unit: 'kB', goal: '<= 100' });
  printFigure({ name: 'bundle loaded at first use', value: kilobytes('app.cjs'), unit: 'kB' });
} finally {
  await workbench.close();
}
process.exit();
