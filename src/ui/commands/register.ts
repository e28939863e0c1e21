// Registers the command table behind one error boundary.

import { commands } from 'vscode';
import type { Disposable } from 'vscode';
import { showFailure } from '../errors.ts';
import type { Services } from '../services.ts';
import { readText } from '../text.ts';
import type { Node } from '../tree/nodes.ts';
import type { Target } from './pick.ts';
import { commandTable } from './table.ts';

export function registerCommands(services: Services): Disposable {
  const registered = Object.entries(commandTable).map(([id, run]) =>
    commands.registerCommand(id, async (target?: Target, selection?: readonly Node[]) => {
      try {
        readText();
        await run(services, target, Array.isArray(selection) ? selection : undefined);
      } catch (error) {
        void showFailure(error, services.log);
      }
    }),
  );
  return { dispose: () => registered.forEach((command) => void command.dispose()) };
}
