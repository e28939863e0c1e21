// Markdown that reads well as plain text too: padded tables, and foreign text that cannot be taken for markup.

const longest = 400;

/** Control characters, line ends, and what turns the direction of writing. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Text from outside, such as a name in a certificate, as a code span on one line. */
export function code(text: string): string {
  const line = text.replace(unprintable, ' ').replaceAll('`', "'").trim();
  const shown = line.length > longest ? `${line.slice(0, longest)}...` : line;
  return shown === '' ? '' : `\`${shown}\``;
}

/** Words from outside that are to read like the sentence around them: nothing in them is markup. */
export function plain(text: string): string {
  return text.replace(unprintable, ' ').replace(/[\\`*[\]<>#!~]/g, '\\$&');
}

export function heading(level: 1 | 2 | 3, text: string): readonly string[] {
  return [`${'#'.repeat(level)} ${text}`, ''];
}

export function list(items: readonly string[]): readonly string[] {
  return items.map((item) => `- ${item}`);
}

/** No rows, no table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const cells = [columns, ...rows].map((row) => columns.map((_, at) => (row[at] ?? '').replaceAll('|', '\\|')));
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, at) => (row[at] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}
