// Policy expressions as tokens of C#: names, numbers, operators and string literals; comments are left out.

interface Cursor {
  readonly text: string;
  at: number;
  /** Literals that are open, one in an expression in the other. */
  depth: number;
}

/** What stands in literals that are deeper is read as code. */
const mostDepth = 16;

/** The expressions in a text, `@(…)` and `@{…}`, each as its tokens. One that does not end is read to the end. */
export function expressionsIn(text: string): string[][] {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  const found: string[][] = [];
  const next = /@[({]/g;
  for (let start = next.exec(text); start !== null; start = next.exec(text)) {
    cursor.at = next.lastIndex;
    found.push(readCode(cursor, start[0] === '@(' ? ')' : '}', []));
    next.lastIndex = cursor.at;
  }
  return found;
}

/** The tokens of a text that is code as a whole. */
export function codeTokens(text: string): string[] {
  return readCode({ text, at: 0, depth: 0 }, null, []);
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };
const skipped = /(?:\s+|\/\/[^\r\n\u0085\u2028\u2029]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
/** The start of a string: plain, verbatim (`@`), with expressions in it (`$`), or both. */
const stringStart = /(?:\$@|@\$|@|\$)?"/y;
const character = /'(?:\\.[^']{0,8}|[^\\'\r\n])'/y;
const word = /@?[\p{L}_][\p{L}\p{N}_]*|\d[\w.]*/uy;
const operator = /=>|==|!=|<=|>=|&&|\|\||\?\?|[-+*/%&|^]=|[\s\S]/y;

/**
 * Adds the tokens up to the closing sign, which is passed over; null: to the end of the text. A string literal is one token, a
 * quotation mark and its content; expressions in it come before it, in parentheses of their own behind a `$`.
 */
function readCode(cursor: Cursor, closing: string | null, tokens: string[]): string[] {
  const open: string[] = [];
  while (cursor.at < cursor.text.length) {
    if (take(cursor, skipped) !== null) continue;
    const start = take(cursor, stringStart);
    if (start !== null) {
      readString(cursor, start, tokens);
      continue;
    }
    if (take(cursor, character) !== null) {
      tokens.push('"');
      continue;
    }
    const token = take(cursor, word) ?? take(cursor, operator) ?? '';
    if (open.length === 0 && token === closing) return tokens;
    const closes = pairs[token];
    if (closes !== undefined) open.push(closes);
    else if (token === open.at(-1)) open.pop();
    tokens.push(token.startsWith('@') && token.length > 1 ? token.slice(1) : token);
  }
  return tokens;
}

function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) return null;
  cursor.at += found.length;
  return found;
}

/** The content of a literal behind its opening quotation mark. */
function readString(cursor: Cursor, start: string, tokens: string[]): void {
  const [verbatim, holes] = [start.includes('@'), start.includes('$')];
  const { text } = cursor;
  let content = '';
  while (cursor.at < text.length) {
    const sign = text.charAt(cursor.at);
    const next = text.charAt(cursor.at + 1);
    cursor.at += 1;
    if (sign === '"' && !(verbatim && next === '"')) break;
    const isDoubled = (sign === '"' && verbatim) || (holes && (sign === '{' || sign === '}') && next === sign);
    if (isDoubled || (sign === '\\' && !verbatim)) {
      content += isDoubled ? sign : sign + next;
      cursor.at += 1;
    } else if (sign === '{' && holes) {
      if (cursor.depth === mostDepth) break;
      cursor.depth += 1;
      tokens.push('$', '(');
      readCode(cursor, '}', tokens).push(')', ';');
      cursor.depth -= 1;
    } else content += sign;
  }
  tokens.push(`"${content}`);
}
