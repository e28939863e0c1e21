// Reads CSV as RFC 4180 has it.

/** Rows of fields. A byte order mark is left out. */
export function readCsv(file: string): string[][] {
  const text = file.replace(/^\ufeff/, '');
  const rows: string[][] = [];
  let row = [''];
  let quoted = false;
  const add = (character: string) => (row[row.length - 1] = `${row.at(-1) ?? ''}${character}`);
  for (let at = 0; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (quoted && two === '""') add('"');
    if (text[at] === '"' && !(quoted && two === '""')) quoted = !quoted;
    else if (quoted && two === '""') at += 1;
    else if (!quoted && text[at] === ',') row.push('');
    else if (!quoted && two === '\r\n') {
      rows.push(row);
      row = [''];
      at += 1;
    } else add(text[at] ?? '');
  }
  return rows;
}
