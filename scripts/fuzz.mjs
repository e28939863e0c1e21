// `npm run fuzz [-- --runs N] [--guided MINUTES] [--seed N]`: mutated answers of real servers against the prober, a million
// by default, in one process for each core. A process that says nothing for a minute hangs, one over 1 GiB swells.
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, Failure, fail, root, since, spawnGroup, tail } from './processes.mjs';
import { ensurePackages, underNode24 } from './setup.mjs';

const mostMemory = 1024 ** 3;
const silence = 60_000;

/** Resolves to its last progress. */
async function runProcess(args, onProgress) {
  const file = path.join(root, 'test', 'fuzz', 'run.ts');
  const group = spawnGroup(process.execPath, [file, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  let last;
  let problem;
  const end = (why) => {
    problem ??= why;
    void group.end(1000);
  };
  let watch = setTimeout(end, silence, `said nothing for ${silence / 1000} s`);
  for (const stream of [group.child.stdout, group.child.stderr]) stream.on('data', (data) => (output += data));
  group.child.on('message', (progress) => {
    clearTimeout(watch);
    watch = setTimeout(end, silence, `said nothing for ${silence / 1000} s`);
    last = progress;
    onProgress(progress);
    if (progress.rss > mostMemory) end(`holds ${Math.round(progress.rss / 1024 ** 2)} MiB`);
  });
  const { code } = await group.exited;
  clearTimeout(watch);
  if (problem || code !== 0) throw new Failure(`${args.join(' ')}: ${problem ?? `code ${code}`}\n${tail(output, 60)}`);
  return last;
}

async function main() {
  endOnSignals();
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, guided: { type: 'string' }, seed: { type: 'string' } },
  });
  await ensurePackages();
  await underNode24();
  const cores = os.availableParallelism();
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const amount = Number(values.guided ?? values.runs ?? 1_000_000);
  if (!(amount > 0) || !Number.isInteger(seed)) throw new Failure('Say numbers: --runs N, --guided MINUTES, --seed N.');
  const mode = values.guided ? 'guided' : 'random';
  const started = Date.now();
  console.log(
    `Seed ${seed}, ${cores} processes, ${values.guided ? `${amount} minutes` : `${amount} mutated answers`} ...`,
  );
  const state = [];
  let told = 0;
  const results = await Promise.all(
    Array.from({ length: cores }, (_, index) => {
      const own = seed + index * 10_000_000;
      const share = mode === 'guided' ? amount : Math.ceil(amount / cores);
      return runProcess([mode, String(own), String(share)], (progress) => {
        state[index] = progress;
        if (Date.now() - told < 30_000) return;
        told = Date.now();
        console.log(`  ${since(started)}  ${JSON.stringify(state)}`);
      });
    }),
  );
  const runs = results.reduce((sum, result) => sum + result.runs, 0);
  const places = results.map((result) => result.places).filter(Boolean);
  const reached = places.length > 0 ? `, places reached: ${places.join(' and ')}` : '';
  const most = Math.round(Math.max(...results.map(({ rss }) => rss)) / 1024 ** 2);
  console.log(`${runs} mutated answers in ${since(started)}, no finding${reached}; at most ${most} MiB.`);
}

await main().catch(fail);
