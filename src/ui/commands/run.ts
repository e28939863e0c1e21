// Runs a command of the table behind one error boundary.

import { showFailure } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import type { Target } from './pick.ts';
import { commandTable } from './table.ts';

/** What the manifest's keys hand over in place of a row. */
const bySelection = 'selection';

/**
 * @param given the row that the command was chosen on and the selected rows, or nothing
 * @param selected the rows that are selected in the tree, for commands that a key was pressed for
 */
export async function runCommand(
  services: Services,
  id: string,
  given: readonly unknown[],
  selected: readonly Node[],
): Promise<void> {
  const [target, selection] = given[0] === bySelection ? [selected[0], selected] : given;
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
