// One process of `npm run fuzz`: `random SEED RUNS` or `guided SEED MINUTES`. Tells its parent how far it is.

import { fuzz } from './cases.ts';
import { guided } from './guided.ts';

const [mode, seedText = '1', amountText = '1000'] = process.argv.slice(2);
const [seed, amount] = [Number(seedText), Number(amountText)];
const batch = 5000;

const tell = (progress: object): void => void process.send?.({ ...progress, rss: process.memoryUsage().rss });

process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});
if (mode === 'guided') {
  tell({ done: true, ...(await guided(seed, amount, tell)) });
} else {
  for (let runs = 0; runs < amount; runs += batch) {
    fuzz(seed + runs, Math.min(batch, amount - runs));
    tell({ runs: Math.min(amount, runs + batch) });
  }
}
process.disconnect();
