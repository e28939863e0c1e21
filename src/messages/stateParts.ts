// What of a snapshot is other than in the one before: while evidence streams in, hundreds of surveys stay as they were.

import type { EditorState } from './editor.ts';

/** Fields with an entry for each host. */
const byHost = ['surveys', 'gatewaySurveys'] as const;
type ByHost = (typeof byHost)[number];

export interface StatePart {
  /** Fields that are new as a whole. */
  readonly fields: Partial<Omit<EditorState, ByHost>>;
  /** New and changed entries, and the hosts that have none any more. */
  readonly entries: Readonly<Record<ByHost, EditorState[ByHost]>>;
  readonly gone: Readonly<Record<ByHost, readonly string[]>>;
}

/** The part that takes `before` to `after`. What is the same object is taken to be the same. */
export function partBetween(before: EditorState, after: EditorState): StatePart {
  const names = (Object.keys(after) as (keyof EditorState)[]).filter((name) => !isByHost(name));
  return {
    fields: Object.fromEntries(names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]])),
    entries: perField((name) => {
      const [old, fresh] = [before[name], after[name]];
      return Object.fromEntries(Object.entries(fresh).filter(([host, survey]) => old[host] !== survey));
    }),
    gone: perField((name) => Object.keys(before[name]).filter((host) => !Object.hasOwn(after[name], host))),
  };
}

export function withPart(before: EditorState, { fields, entries, gone }: StatePart): EditorState {
  const hosts = perField((name) => {
    if (Object.keys(entries[name]).length === 0 && gone[name].length === 0) return before[name];
    const kept = Object.entries(before[name]).filter(([host]) => !gone[name].includes(host));
    return { ...Object.fromEntries(kept), ...entries[name] };
  });
  return { ...before, ...fields, ...hosts };
}

function isByHost(name: string): name is ByHost {
  return (byHost as readonly string[]).includes(name);
}

function perField<Value>(make: (name: ByHost) => Value): Record<ByHost, Value> {
  return { surveys: make('surveys'), gatewaySurveys: make('gatewaySurveys') };
}
