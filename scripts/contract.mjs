// `npm run contract -- FOLDER`: holds what the product asks of Azure, what the emulator answers and Microsoft's examples
// against Microsoft's OpenAPI descriptions in a folder (a copy of azure-rest-api-specs or a part of it).
// Last line: `N passed, N failed`.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { endOnSignals, Failure, fail } from './processes.mjs';
import { underNode24 } from './setup.mjs';

async function main() {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) throw new Failure('Usage: npm run contract -- FOLDER');
  if (!existsSync(folder)) throw new Failure(`There is no folder ${path.resolve(folder)}.`);
  endOnSignals();
  await underNode24();
  const { checkContract } = await import('../test/contract/run.ts');
  const { lines, passed, failed } = await checkContract(path.resolve(folder));
  for (const line of lines) console.log(line);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

await main().catch(fail);
