// Runs a command of the table behind one error boundary.

import { showFailure } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import type { Target } from './pick.ts';
import { commandTable } from './table.ts';

/** @param given the row that the command was chosen on and the selected rows, or nothing */
export async function runCommand(services: Services, id: string, given: readonly unknown[]): Promise<void> {
  const [target, selection] = given;
  try {
    await commandTable[id]?.(
      services,
      target as Target | undefined,
      Array.isArray(selection) ? (selection as readonly Node[]) : undefined,
    );
  } catch (error) {
    void showFailure(error, services.log);
  }
}
