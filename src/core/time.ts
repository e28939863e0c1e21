// Points in time as people read them.

import * as l10n from '@vscode/l10n';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Formats by locale: making one takes longer than using it a hundred times. */
const relative = new Map<string | undefined, Intl.RelativeTimeFormat>();
const moments = new Map<string | undefined, Intl.DateTimeFormat>();

function kept<Format>(
  formats: Map<string | undefined, Format>,
  locale: string | undefined,
  make: () => Format,
): Format {
  const format = formats.get(locale) ?? make();
  formats.set(locale, format);
  return format;
}

/**
 * "3 minutes ago", "yesterday", "just now"; the text itself where it is no date.
 * @param now milliseconds since 1970
 * @param locale default: that of the machine
 */
export function agoText(iso: string, now: number, locale?: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const unit = units.find(([, length]) => Math.abs(now - at) >= length);
  if (!unit) return l10n.t('just now');
  const format = kept(relative, locale, () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  return format.format(Math.trunc((at - now) / unit[1]), unit[0]);
}

/** Date and time of day, local; the text itself where it is no date. */
export function momentText(iso: string, locale?: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  return kept(
    moments,
    locale,
    () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  ).format(at);
}
