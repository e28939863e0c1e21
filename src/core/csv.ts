// Tables as CSV (RFC 4180), safe to be opened in a spreadsheet.

/**
 * A text that no spreadsheet takes for a formula: what begins as one (= + - @, a tab or a line break, full-width forms
 * of the signs too) gets an apostrophe in front (OWASP, CSV injection). So does what begins as one after a semicolon, a
 * tab or a line break: where a comma separates decimals, spreadsheets split lines there, whatever the quotes say.
 */
export function spreadsheetSafe(text: string): string {
  const whole = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20\t\r\n]/u.test(text) ? `'${text}` : text;
  return whole.replaceAll(/([;\t\r\n])(?=(?:(?![;\t\r\n])[\s"\p{Cc}\p{Cf}])*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20])/gu, "$1'");
}

/** As it is saved: with a byte order mark, by which spreadsheets know UTF-8. */
export function csvFile(rows: readonly (readonly (string | number)[])[]): string {
  return `\ufeff${csv(rows)}`;
}

/** Lines end with CR LF. What a spreadsheet would take for a formula gets an apostrophe in front. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : spreadsheetSafe(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
