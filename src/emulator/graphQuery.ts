// The part of Resource Graph's query language that the product uses: one table, filters by type and name, one projection.

export interface ParsedQuery {
  readonly table: 'resources' | 'resourcecontainers';
  /** Lower case. */
  readonly types: readonly string[];
  /** Lower case; null: whatever the name. */
  readonly name: string | null;
  /** Name in the answer -> where it stands in the row; null: whole rows. */
  readonly columns: readonly (readonly [name: string, path: readonly string[]])[] | null;
}

const knownTypes = [
  'microsoft.apimanagement/service',
  'microsoft.apimanagement/gateways',
  'microsoft.resources/subscriptions',
];

/** The query, or what is wrong with it. */
export function parseQuery(text: string): ParsedQuery | string {
  const [table = '', ...steps] = text.split('|').map((step) => step.trim());
  if (!/^resource(s|containers)$/i.test(table)) return `The sample estate has no table '${table}'.`;
  let types: readonly string[] = [];
  let name: string | null = null;
  let columns: ParsedQuery['columns'] = null;
  for (const step of steps) {
    const [, condition, named, projection, order] =
      /^(?:where\s+type\s+(.+)|where\s+name\s*=~\s*'([^']*)'|project\s+(.+)|(order\s+by\s+\w+\s+asc))$/is.exec(step) ??
      [];
    if (condition !== undefined) types = typesOf(condition);
    else if (named !== undefined) name = named.toLowerCase();
    else if (projection !== undefined) {
      const parsed = columnsOf(projection);
      if (parsed === undefined) return 'The sample estate answers projections of plain columns only.';
      columns = parsed;
    } else if (order === undefined) return `The sample estate does not know the step '${step.split(/\s/)[0]}'.`;
  }
  const unknown = types.find((type) => !knownTypes.includes(type));
  if (unknown !== undefined || types.length === 0)
    return `The sample estate knows no resources of type '${unknown ?? ''}'.`;
  return { table: table.toLowerCase() as ParsedQuery['table'], types, name, columns };
}

function typesOf(condition: string): readonly string[] {
  const [, one, many] = /^(?:(?:=~|==)\s*['"]([^'"]+)['"]|in~\s*\(([^)]*)\))$/i.exec(condition.trim()) ?? [];
  const list =
    one === undefined ? (many ?? '').split(',').map((name) => name.trim().replace(/^['"]|['"]$/g, '')) : [one];
  return list.filter((name) => name !== '').map((name) => name.toLowerCase());
}

function columnsOf(projection: string): ParsedQuery['columns'] | undefined {
  const parts = projection.split(',').map((part) => /^(\w+)(?:\s*=\s*(\w+(?:\.\w+)*))?$/.exec(part.trim()));
  if (parts.includes(null)) return undefined;
  return parts.flatMap((part) =>
    part?.[1] === undefined ? [] : [[part[1], (part[2] ?? part[1]).split('.')] as const],
  );
}

/** The row as the projection gives it; null for what is not there. */
export function project(row: unknown, columns: ParsedQuery['columns']): unknown {
  if (columns === null) return row;
  const at = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return Object.fromEntries(columns.map(([name, path]) => [name, path.reduce(at, row) ?? null]));
}
