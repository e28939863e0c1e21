// `npm run bench [-- name ...]`: runs bench/*.ts, each of which prints JSON lines {name, value, unit, goal}, and prints a table.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cleanEnv, endOnSignals, Failure, fail, readJson, root, run } from './processes.mjs';
import { ensureAll, ensurePeers, underNode24 } from './setup.mjs';

/** A goal is written `<= 5` or `>= 1000`, in the unit of the value. */
function meets(value, goal) {
  const [, sign, bound] = /^(<=|>=)\s*([\d.]+)$/.exec(goal ?? '') ?? [];
  if (sign === undefined) return undefined;
  return sign === '<=' ? value <= Number(bound) : value >= Number(bound);
}

function figures(output, file) {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => ({ ...JSON.parse(line), file }));
}

function printTable(rows) {
  const header = ['What', 'Value', 'Unit', 'Goal', 'Met'];
  const cells = rows.map(({ name, value, unit, goal }) => {
    const met = meets(value, goal);
    return [name, String(Number(value.toPrecision(4))), unit, goal ?? '', met === undefined ? '' : met ? 'yes' : 'NO'];
  });
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  console.log([line(header), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n'));
}

async function main() {
  endOnSignals();
  await underNode24();
  const { chromium } = await ensureAll();
  const wanted = process.argv.slice(2);
  const name = (file) => path.basename(file, '.ts');
  const files = fs
    .globSync('bench/*.ts', { cwd: root })
    .filter((file) => wanted.length === 0 || wanted.includes(name(file)));
  if (files.length === 0) throw new Failure(`No benchmark matches ${wanted.join(', ') || 'bench/*.ts'}.`);
  if (files.some((file) => name(file) === 'probe')) await ensurePeers();
  const { build } = await import('./build.mjs');
  await build();
  const rows = [];
  for (const file of files.sort()) {
    console.log(`Running ${file} ...`);
    const env = cleanEnv({ CHROMIUM: chromium });
    rows.push(...figures(await run(process.execPath, [path.join(root, file)], { env, timeoutMs: 20 * 60_000 }), file));
  }
  if (rows.length === 0) throw new Failure('The benchmarks printed no figures.');
  const { version } = readJson(path.join(root, 'package.json'));
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  console.log(
    `\napim-tls ${version}, Node ${process.version}, ${os.availableParallelism()} x ${cpu}, ${os.platform()} ${os.release()}\n`,
  );
  printTable(rows);
  if (rows.some(({ value, goal }) => meets(value, goal) === false)) process.exitCode = 1;
}

await main().catch(fail);
