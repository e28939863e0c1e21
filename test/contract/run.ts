// Holds the product's requests, the emulator's answers and Microsoft's own examples against the descriptions in a folder.

import { readDescriptions } from './description.ts';
import type { Descriptions } from './description.ts';
import { differences } from './differences.ts';
import type { Difference } from './differences.ts';
import { addressesIn, problemsWith, undescribedKeys } from './exchange.ts';
import type { Exchange, Problem } from './exchange.ts';
import { checkExamples } from './examples.ts';
import { recordTraffic } from './traffic.ts';

export interface ContractResult {
  /** Lines for people. */
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
}

/** Resolves to the outcome; rejects where the folder holds no descriptions. */
export async function checkContract(folder: string): Promise<ContractResult> {
  const descriptions = readDescriptions(folder);
  if (descriptions.operations.length === 0) throw new Error(`There are no OpenAPI descriptions in ${folder}.`);
  const { exchanges, failure, unused } = await recordTraffic();
  const { counts, problems } = sift(exchanges, descriptions);
  const left = problems.filter((problem) => !differences.some((one) => allows(one, problem)));
  const needless = differences.filter((one) => !problems.some((problem) => allows(one, problem)));
  const examples = await checkExamples(descriptions, new Set(counts.keys()));
  const failures = [
    ...grouped(left),
    ...(failure === null ? [] : [`the walk through all operations ended early: ${failure}`]),
    ...unused.map((name) => `nothing here calls Azure.${name}: its requests are not checked`),
    ...needless.map(({ reason }) => `a deliberate difference is no longer needed: ${reason}`),
    ...examples.failures,
  ];
  const operations = [...counts].sort().map(([operation, count]) => `  ${String(count).padStart(4)} × ${operation}`);
  return {
    lines: [
      `${exchanges.length} requests with their answers, by operation:`,
      ...operations,
      ...[...descriptions.missing].map((file) => `Not in the folder, so anything is taken in its place: ${file}`),
      `Deliberate differences: ${differences.length}`,
      ...differences.map(({ reason }) => `       ${reason}`),
      `Microsoft's examples read: ${examples.read}`,
      ...failures.map((text) => `FAILED ${text}`),
    ],
    passed:
      counts.size - new Set(left.map(({ operation }) => operation)).size + examples.read - examples.failures.length,
    failed: failures.length,
  };
}

function allows({ operation, side, text }: Difference, problem: Problem): boolean {
  return side === problem.side && operation.test(problem.operation) && text.test(problem.text);
}

function sift(exchanges: readonly Exchange[], descriptions: Descriptions) {
  const counts = new Map<string, number>();
  const given = new Set<string>();
  const problems: Problem[] = [];
  for (const exchange of exchanges) {
    const found = problemsWith(exchange, descriptions, given);
    counts.set(found.operation, (counts.get(found.operation) ?? 0) + 1);
    problems.push(...found.problems, ...keyProblems(exchange, descriptions, found.operation));
    addressesIn(exchange).forEach((address) => given.add(address));
  }
  return { counts, problems };
}

function keyProblems(exchange: Exchange, descriptions: Descriptions, operation: string): readonly Problem[] {
  const url = new URL(exchange.url);
  const version = url.searchParams.get('api-version') ?? '';
  const described = descriptions.find(exchange.method, url.pathname, version);
  if (exchange.method !== 'PATCH' || described === undefined) return [];
  return undescribedKeys(exchange, descriptions, described).map((key) => ({
    operation,
    side: 'request',
    text: `the key ${key} is not named in the description`,
  }));
}

/** Each kind of problem once, with how often it came. */
function grouped(problems: readonly Problem[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { operation, side, text } of problems) {
    const line = `${operation}, ${side}: ${text}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}
