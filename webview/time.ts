// Points in time as people read them, and a clock for the page.

import * as l10n from '@vscode/l10n';
import { useEffect, useRef, useState } from 'preact/hooks';
import { agoText, momentText } from '../src/core/time.ts';

const day = 86_400_000;

/** "3 minutes ago", "yesterday", "just now"; the text itself where it is no date. */
export function ago(iso: string, now: number): string {
  return agoText(iso, now);
}

/** Date and time of day, local; the text itself where it is no date. */
export function dateTime(iso: string): string {
  return momentText(iso);
}

/** "in 80 days", "12 days ago", for the end of a certificate. Empty where it is no date. */
export function expiry(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return '';
  const days = Math.floor((at - now) / day);
  if (days < 0) return days === -1 ? l10n.t('expired 1 day ago') : l10n.t('expired {0} days ago', -days);
  return days === 1 ? l10n.t('expires in 1 day') : l10n.t('expires in {0} days', days);
}

/** Milliseconds since 1970, renewed at the interval (milliseconds). */
export function useNow(interval: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/**
 * The value as it was a frame ago, or up to `every` milliseconds ago where it changes more often. For what may follow late:
 * it is neither drawn in the frame in which the value itself is, nor many times a second while results stream in. The value
 * itself where `at` is another than before.
 */
export function useLate<T>(value: T, every: number, at?: unknown): T {
  const [late, setLate] = useState({ value, at });
  const last = useRef(-every);
  useEffect(() => {
    const wait = last.current + every - performance.now();
    const follow = () => {
      last.current = performance.now();
      setLate((before) => (before.value === value && before.at === at ? before : { value, at }));
    };
    if (wait <= 0) {
      follow();
      return;
    }
    const timer = setTimeout(follow, wait);
    return () => clearTimeout(timer);
  }, [value, at]);
  return late.at === at ? late.value : value;
}
