// `npm test [-- suite ...]`: sets up what is missing and runs the suites in order. Last line: `N passed, N failed`.
import fs, { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnv, endOnSignals, fail, Failure, root, since, spawnGroup, tail, workDir } from './processes.mjs';
import { ensureAll, underNode24 } from './setup.mjs';

const minute = 60_000;
const results = path.join(root, 'test-results');
const bin = (name) => path.join(root, 'node_modules', ...name.split('/'));
const tsc = (project) => ['types', [bin('typescript/bin/tsc'), '-p', project, '--noEmit']];

/**
 * A suite is either `commands` (one test together) or `tests` (files for mocha) or `script` (a program that writes
 * mocha's results). `needs` names what must be built before.
 */
const suites = {
  lint: {
    minutes: 5,
    commands: [
      ['eslint', [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0']],
      ['prettier', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
    ],
  },
  types: { minutes: 5, commands: [tsc('tsconfig.json'), tsc('src/core/tsconfig.json'), tsc('webview/tsconfig.json')] },
  unit: { minutes: 5, tests: 'test/unit/**/*.test.ts' },
  stacks: { minutes: 8, tests: 'test/stacks/**/*.test.ts' },
  flows: { minutes: 5, tests: 'test/flows/**/*.test.ts' },
  manifest: { minutes: 2, tests: 'test/manifest/**/*.test.ts' },
  page: { minutes: 5, tests: 'test/page/**/*.test.ts', testSeconds: 60 },
  host: { minutes: 6, script: 'test/support/host/run.ts', needs: 'dist' },
  e2e: { minutes: 10, tests: 'test/e2e/**/*.test.ts', testSeconds: 180, needs: 'vsix' },
};

/** Runs a program to its end, output to the suite's log. Resolves to undefined or to a sentence on how it failed. */
async function runProgram(args, { name, env, minutes }) {
  const log = path.join(results, `${name}.log`);
  const group = spawnGroup(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [group.child.stdout, group.child.stderr]) stream.on('data', (data) => (output += data));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void group.end(8000);
  }, minutes * minute);
  const { code, signal, error } = await group.exited;
  clearTimeout(timer);
  writeFileSync(log, output, { flag: 'a' });
  if (late) return { output, problem: `did not end within ${minutes} minutes` };
  if (error) return { output, problem: `could not be started: ${error.message}` };
  return { output, problem: code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}` };
}

async function runCommands(name, { commands, minutes }) {
  const failures = [];
  for (const [title, args] of commands) {
    const { output, problem } = await runProgram(args, { name, env: cleanEnv(), minutes });
    if (problem) failures.push({ title: `${name} > ${title}`, error: `${problem}\n${tail(output, 60)}` });
  }
  return {
    passed: failures.length === 0 ? 1 : 0,
    failures: failures.slice(0, 1).map((first) => merged(first, failures)),
  };
}

/** Lint and types count as one test each, whatever they find. */
const merged = (first, all) => ({ title: first.title, error: all.map(({ error }) => error).join('\n') });

async function runMocha(name, suite, env) {
  const file = path.join(results, `${name}.jsonl`);
  const program = suite.script
    ? [path.join(root, suite.script)]
    : [
        bin('mocha/bin/mocha.js'),
        '--reporter',
        path.join(root, 'test', 'support', 'reporter.ts'),
        ...mochaOptions(suite),
      ];
  if (suite.tests && fs.globSync(suite.tests, { cwd: root }).length === 0) {
    return { passed: 0, failures: [{ title: `${name} > ran no test`, error: `No file matches ${suite.tests}.` }] };
  }
  const { output, problem } = await runProgram(program, {
    name,
    env: { ...env, APIM_TLS_RESULTS: file },
    minutes: suite.minutes,
  });
  const lines = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  const passed = lines.filter(({ kind }) => kind === 'pass').length;
  const failures = lines.filter(({ kind }) => kind === 'fail');
  const ended = lines.some(({ kind }) => kind === 'end');
  if (!ended || (problem && failures.length === 0)) {
    failures.push({ title: `${name} > crashed`, error: `The suite ${problem ?? 'ended early'}.\n${tail(output, 40)}` });
  } else if (passed + failures.length === 0) {
    failures.push({ title: `${name} > ran no test`, error: `The suite ended without having run a test.` });
  }
  return { passed, failures };
}

const mochaOptions = ({ tests, testSeconds }) => [
  ...(testSeconds ? ['--timeout', String(testSeconds * 1000)] : []),
  tests,
];

/** Builds what a suite needs, once: `dist` for the host, and from it the .vsix for end to end. */
function preparations() {
  let dist;
  let vsix;
  const buildDist = () => (dist ??= import('./build.mjs').then(({ build }) => build()));
  const packVsix = async () => {
    await buildDist();
    const { pack } = await import('./package.mjs');
    return pack(path.join(workDir, 'apim-tls.vsix'));
  };
  return {
    none: async () => ({}),
    dist: async () => {
      await buildDist();
      return {};
    },
    vsix: async () => ({ APIM_TLS_VSIX: await (vsix ??= packVsix()) }),
  };
}

async function runSuite(name, prepare, env) {
  const suite = suites[name];
  try {
    const more = await prepare[suite.needs ?? 'none']();
    return await (suite.commands ? runCommands(name, suite) : runMocha(name, suite, { ...env, ...more }));
  } catch (error) {
    return {
      passed: 0,
      failures: [{ title: `${name} > could not be prepared`, error: String(error.message ?? error) }],
    };
  }
}

function report(total) {
  for (const { title, error } of total.failures) console.log(`\nFAILED  ${title}\n${error.replaceAll(/^/gm, '    ')}`);
  if (total.failures.length > 0) {
    console.log('\nFailed:');
    for (const { title } of total.failures) console.log(`  ${title}`);
  }
  const summary = `${total.passed} passed, ${total.failures.length} failed`;
  writeFileSync(path.join(results, 'summary.json'), JSON.stringify(total, null, 2));
  writeFileSync(path.join(results, 'summary.txt'), `${summary}\n`);
  console.log(`\n${summary}`);
}

function chosenSuites() {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in suites));
  if (unknown.length === 0)
    return names.length > 0 ? Object.keys(suites).filter((name) => names.includes(name)) : Object.keys(suites);
  throw new Failure(`There is no suite ${unknown.join(', ')}. Suites: ${Object.keys(suites).join(', ')}.`);
}

async function main() {
  const started = Date.now();
  endOnSignals();
  const names = chosenSuites();
  await underNode24();
  const { chromium } = await ensureAll();
  const env = cleanEnv({ CHROMIUM: chromium });
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const prepare = preparations();
  const total = { passed: 0, failures: [], suites: [] };
  for (const name of names) {
    const start = Date.now();
    const { passed, failures } = await runSuite(name, prepare, env);
    total.passed += passed;
    total.failures.push(...failures);
    total.suites.push({ name, passed, failed: failures.length, ms: Date.now() - start });
    console.log(`${name.padEnd(9)} ${passed} passed, ${failures.length} failed in ${since(start)}`);
  }
  console.log(`All suites in ${since(started)}. Logs: test-results/`);
  report(total);
  process.exit(total.failures.length === 0 ? 0 : 1);
}

await main().catch(fail);
