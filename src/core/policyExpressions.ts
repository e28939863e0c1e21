// What a policy expression does with the request: asks for the client's certificate, or hands the request on. The code of
// expressions is C#, of which no more is understood than which names stand for `context` and `context.Request`.

import { codeTokens, expressionsIn } from './policyTokens.ts';

/**
 * asks: reads `context.Request.Certificate`. mayAsk: hands `context` or `context.Request` to something that is not
 * understood here and may read it. none: neither was seen.
 */
export type CertificateUse = 'asks' | 'mayAsk' | 'none';

/** By an attribute or a text of a policy. Only expressions count, and in them neither comments nor string literals. */
export function certificateUse(text: string): CertificateUse {
  if (!text.includes('context')) return 'none';
  return strongest(expressionsIn(text).map((code) => useInCode(code)));
}

/** By the value of a named value, which may be the whole of an expression or a part of one. */
export function certificateUseOfValue(value: string): CertificateUse {
  return /@[({]/.test(value) ? certificateUse(value) : useInCode(codeTokens(value));
}

/** Variables of the request that an expression reads as a certificate, by name. */
export function certificateVariablesIn(text: string): string[] {
  if (!text.includes('X509Certificate')) return [];
  const found = expressionsIn(text).flatMap((tokens) =>
    tokens.flatMap((token, index) => (token.startsWith('"') ? (certificateVariable(tokens, index) ?? []) : [])),
  );
  return [...new Set(found)];
}

/** `GetValueOrDefault<X509Certificate2>("name")`, `(X509Certificate2)context.Variables["name"]`, and the same by `as`. */
function certificateVariable(tokens: readonly string[], at: number): string | null {
  const before = tokens.slice(Math.max(0, at - 12), at).join(' ');
  const after = tokens.slice(at + 1, at + 8).join(' ');
  const isRead =
    /Variables \??\s*\. GetValueOrDefault < (?:\w+ \. )*X509Certificate2? > \($/.test(before) ||
    (/Variables \[$/.test(before) &&
      (/\( (?:\w+ \. )*X509Certificate2? \) context \. Variables \[$/.test(before) ||
        /^\] \)* ?as (?:\w+ \. )*X509Certificate2?\b/.test(after)));
  return isRead ? (tokens[at] ?? '').slice(1) : null;
}

function strongest(uses: readonly CertificateUse[]): CertificateUse {
  return uses.includes('asks') ? 'asks' : uses.includes('mayAsk') ? 'mayAsk' : 'none';
}

type Kind = 'context' | 'request';

/** What a name stands for; unsure: it is given a value more than once. */
interface Alias {
  readonly kind: Kind;
  readonly unsure: boolean;
}

/** Names of names of names are followed so far; what a name behind them gets is not understood. */
const mostRounds = 8;

function useInCode(tokens: readonly string[]): CertificateUse {
  const aliases = new Map<string, Alias>([['context', { kind: 'context', unsure: false }]]);
  const timesSet = Map.groupBy(
    tokens.filter((_, index) => tokens[index + 1] === '=' && !isMember(tokens, index)),
    (name) => name,
  );
  for (let round = 0, known = 0; round < mostRounds && known < aliases.size; round += 1) {
    known = aliases.size;
    for (const [name, kind] of assignmentsIn(tokens, aliases))
      if (!aliases.has(name)) aliases.set(name, { kind, unsure: (timesSet.get(name) ?? []).length > 1 });
  }
  return strongest(tokens.map((_, index) => useAt(tokens, index, aliases)));
}

/** The object that is read at a token, and the token behind it; null where it is none of those that matter. */
function objectAt(tokens: readonly string[], at: number, aliases: ReadonlyMap<string, Alias>) {
  const alias = aliases.get(tokens[at] ?? '');
  if (alias === undefined || isMember(tokens, at) || tokens[at + 1] === '=' || tokens[at + 1] === '=>') return null;
  let kind: Kind = alias.kind;
  let start = at;
  let end = at + 1;
  for (;;) {
    while (tokens[end] === '!') end += 1;
    // Parentheses and casts around it: "((IProxyRequestContext)context)".
    if (tokens[end] === ')') {
      const open = openingOf(tokens, start);
      if (open === null) return { kind, alias, start, end, member: null };
      [start, end] = [open, end + 1];
      continue;
    }
    const member = memberAt(tokens, end);
    if (kind === 'request' || member === null || tokens[member] !== 'Request')
      return { kind, alias, start, end, member: member === null ? null : (tokens[member] ?? '') };
    [kind, end] = ['request', member + 1];
  }
}

/** The index of the name behind `.` or `?.`; null where there is none. */
function memberAt(tokens: readonly string[], at: number): number | null {
  const dot = tokens[at] === '?' && tokens[at + 1] === '.' ? at + 1 : at;
  return tokens[dot] === '.' && /^[A-Za-z_]/.test(tokens[dot + 1] ?? '') ? dot + 1 : null;
}

function isMember(tokens: readonly string[], at: number): boolean {
  return tokens[at - 1] === '.' || (tokens[at - 1] === '?' && tokens[at - 2] === '.');
}

/** The parenthesis that is opened just before, behind casts, and that is no call; null where there is none. */
function openingOf(tokens: readonly string[], start: number): number | null {
  const before = beforeCasts(tokens, start);
  if (tokens[before] !== '(') return null;
  const caller = tokens[before - 1] ?? '';
  const calls = /^[A-Za-z_>]/.test(caller) && !['return', 'in', 'await', 'case'].includes(caller);
  return calls ? null : before;
}

/** The index of the token before casts such as `(IRequest)`. */
function beforeCasts(tokens: readonly string[], start: number): number {
  let at = start - 1;
  while (tokens[at] === ')') {
    let open = at - 1;
    while (/^[\w.<>,?]+$/.test(tokens[open] ?? '')) open -= 1;
    if (tokens[open] !== '(' || open === at - 1) return at;
    at = open - 1;
  }
  return at;
}

function useAt(tokens: readonly string[], at: number, aliases: ReadonlyMap<string, Alias>): CertificateUse {
  const object = objectAt(tokens, at, aliases);
  if (object === null) return 'none';
  const { kind, alias, start, end, member } = object;
  const before = beforeCasts(tokens, start);
  if (tokens[before] === '(' && tokens[before - 1] === 'nameof') return 'none';
  if (kind === 'request' && member === 'Certificate') return alias.unsure ? 'mayAsk' : 'asks';
  if (member !== null) return 'none';
  const isFollowed = aliases.has(assignedAt(tokens, before, end) ?? '');
  return isFollowed || isCompared(tokens, before, end) ? 'none' : 'mayAsk';
}

function isCompared(tokens: readonly string[], before: number, end: number): boolean {
  const isEquality = (token: string | undefined) => token === '==' || token === '!=';
  const [next, second, third] = tokens.slice(end, end + 3);
  const isNull = next === 'is' && (second === 'null' || (second === 'not' && third === 'null'));
  return isEquality(next) || isEquality(tokens[before]) || isNull;
}

/** The name that gets the object, in `name = object;`; null where something else is done with it. */
function assignedAt(tokens: readonly string[], before: number, end: number): string | null {
  const name = tokens[before - 1] ?? '';
  if (tokens[before] !== '=' || !/^[A-Za-z_]\w*$/.test(name) || isMember(tokens, before - 1)) return null;
  const type = tokens[end] === 'as' ? 1 + tokens.slice(end + 1).findIndex((token) => !/^[\w.]+$/.test(token)) : 0;
  return [';', ','].includes(tokens[end + type] ?? '') ? name : null;
}

function assignmentsIn(tokens: readonly string[], aliases: ReadonlyMap<string, Alias>): [string, Kind][] {
  return tokens.flatMap((_, index): [string, Kind][] => {
    const object = objectAt(tokens, index, aliases);
    if (object === null || object.member !== null) return [];
    const name = assignedAt(tokens, beforeCasts(tokens, object.start), object.end);
    return name === null ? [] : [[name, object.kind]];
  });
}
