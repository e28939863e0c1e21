// Reading answers leniently: what is not of the expected shape is absent, never a crash.

export type Json = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one where it is something else. */
export function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; null where it is none or empty. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** ARM writes "West Europe" where Resource Graph writes "westeurope": the latter is the name of a region in all tools. */
export function regionName(value: unknown): string | null {
  return asText(value)?.toLowerCase().replaceAll(' ', '') ?? null;
}

/** The moment as ISO 8601, UTC; null where it cannot be read. */
export function asMoment(value: unknown): string | null {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}

/** The text parsed as JSON; undefined where it is none. */
export function parseJson(text: string | null | undefined): unknown {
  if (text === null || text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
