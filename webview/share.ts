// Snapshots come whole, and most of each is as it was: what is equal stays the same object, so that nothing is computed
// or drawn again for it.

/** `after`, with every part that equals its part of `before` taken from there; `before` itself where all of it does. Writes to `after`. */
export function shared<T>(before: T, after: T): T {
  return share(before, after) as T;
}

function share(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) return shareList(before, after);
  return isRecord(before) && isRecord(after) ? shareRecord(before, after) : after;
}

function shareList(before: readonly unknown[], after: readonly unknown[]): unknown {
  const parts = after.map((value, index) => share(before[index], value));
  const same = before.length === after.length && parts.every((value, index) => Object.is(value, before[index]));
  return same ? before : parts;
}

function shareRecord(before: Readonly<Record<string, unknown>>, after: Record<string, unknown>): unknown {
  const keys = Object.keys(after);
  let same = keys.length === Object.keys(before).length;
  for (const key of keys) {
    if (!Object.hasOwn(before, key)) {
      same = false;
      continue;
    }
    const value = share(before[key], after[key]);
    if (!Object.is(value, before[key])) same = false;
    // A snapshot has just come in and belongs to nobody else: it is written to in place.
    if (!Object.is(value, after[key])) after[key] = value;
  }
  return same ? before : after;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
