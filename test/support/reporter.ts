// A mocha reporter: readable lines to stdout and one JSON line per test to the file named by APIM_TLS_RESULTS.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Hook, MochaOptions, Runner, Test } from 'mocha';

/** One line of the file: a test that passed or failed, or the end of the run. */
export type ResultLine =
  | { readonly kind: 'pass'; readonly title: string; readonly ms: number }
  | { readonly kind: 'fail'; readonly title: string; readonly ms: number; readonly error: string }
  | { readonly kind: 'end' };

/** How long a finished run may keep its process alive, in ms. */
const graceMs = 20_000;

function fullTitle(test: Test | Hook): string {
  return test.titlePath().join(' > ');
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = stripVTControlCharacters(error.stack ?? error.message).split('\n');
  return lines.filter((line) => !/node:internal|node_modules\/mocha/.test(line)).join('\n');
}

function runReporter(runner: Runner, options: MochaOptions): void {
  const file = process.env['APIM_TLS_RESULTS'];
  if (file) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  const record = (line: ResultLine) => {
    if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  const { stay = false } = (options.reporterOptions ?? {}) as { readonly stay?: boolean };
  runner.on('pass', (test) => {
    console.log(`  ok    ${fullTitle(test)} (${test.duration ?? 0} ms)`);
    record({ kind: 'pass', title: fullTitle(test), ms: test.duration ?? 0 });
  });
  runner.on('fail', (test, error: unknown) => {
    console.log(`  FAIL  ${fullTitle(test)}\n${describeError(error).replaceAll(/^/gm, '        ')}`);
    record({ kind: 'fail', title: fullTitle(test), ms: test.duration ?? 0, error: describeError(error) });
  });
  runner.on('end', () => {
    record({ kind: 'end' });
    if (!stay) setTimeout(() => blameOpenHandles(record), graceMs).unref();
  });
}

/** Runs only when something still keeps the process alive: a test that leaves servers or timers behind is a failure. */
function blameOpenHandles(record: (line: ResultLine) => void): void {
  const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
  const error = `The tests are over and the process did not end within ${graceMs / 1000} s. Still open: ${open}.`;
  console.log(`  FAIL  end of the run\n        ${error}`);
  record({ kind: 'fail', title: 'end of the run', ms: graceMs, error });
  process.exit(1);
}

/** What mocha takes for a reporter: called with `new`. */
export function Reporter(this: unknown, runner: Runner, options: MochaOptions): void {
  runReporter(runner, options);
}

// Mocha loads a reporter with require(), which gives this export.
export { Reporter as 'module.exports' };
