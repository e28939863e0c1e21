// Types of processes.mjs for the tests.
import type { ChildProcess, SpawnOptions } from 'node:child_process';

export interface Group {
  readonly child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  end(graceMs?: number): Promise<void>;
}

export const root: string;
export const workDir: string;
export class Failure extends Error {}
export function cleanEnv(extra?: Readonly<Record<string, string>>): Record<string, string>;
export function spawnGroup(command: string, args: readonly string[], options?: SpawnOptions): Group;
export function endOnSignals(before?: () => Promise<void>): void;
