// Tables as CSV (RFC 4180), safe to be opened in a spreadsheet.

/**
 * A text that no spreadsheet takes for a formula: what begins as one (= + - @, a tab or a line break, full-width forms
 * of the signs too) gets an apostrophe in front (OWASP, CSV injection).
 */
export function spreadsheetSafe(text: string): string {
  return /^[\s\p{Cc}\p{Cf}]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20\t\r\n]/u.test(text) ? `'${text}` : text;
}

/** Lines end with CR LF. What a spreadsheet would take for a formula gets an apostrophe in front. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : spreadsheetSafe(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
