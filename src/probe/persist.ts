// Asking again where an answer was none: a little later, then with reduced hellos, within the endpoint's time.

import type { Offer } from '../core/tls/evidence.ts';
import { groupCode, type HelloForm, type KeyShare } from './clientHello.ts';
import type { NetworkEnd } from './connection.ts';
import { sayHello, type HelloExtras, type HelloResult } from './handshake.ts';
import type { Visit } from './visit.ts';

export interface Persisted extends HelloResult {
  /** The form of the hello that was answered last. */
  readonly form: HelloForm;
}

/** The forms to try for an offer, in this order. */
export function formsFor(offer: Offer): readonly HelloForm[] {
  if (offer.versions.includes('tls13')) return ['full', 'full', 'shares', 'small'];
  if (offer.versions.every((version) => version === 'ssl3')) return ['bare', 'bare'];
  return ['full', 'full', 'small', 'bare'];
}

/**
 * Never throws. A time-out is followed by one other form only: a silent server costs two time-outs, not four. One form
 * given three times insists on it.
 */
export async function askPersistently(
  visit: Visit,
  offer: Offer,
  forms: readonly HelloForm[],
  until: 'hello' | 'flight' = 'hello',
  extras: HelloExtras = {},
): Promise<Persisted> {
  const uniform = new Set(forms).size === 1;
  const insistent = uniform && forms.length > 2;
  let last: Persisted | null = null;
  let telling: Persisted | null = null;
  /** Accepted, but the connection was lost before the flight was over. */
  let cut: Persisted | null = null;
  let timeouts = 0;
  for (const [index, form] of forms.entries()) {
    // After anything but a lost connection the same hello would get the same answer.
    if (last && last.retry !== 'later' && last.form === form && !(insistent && wasSlow(visit, last))) continue;
    if (last?.retry === 'later') await visit.pause(50 * 2 ** index * (0.5 + Math.random()));
    const result: Persisted = {
      ...(await sayHello(visit, offer, form, until, { keyShares: sharesOf(visit, form, offer), ...extras })),
      form,
    };
    const isCut = result.answer === 'yes' && result.retry === 'later';
    if (!isCut && isFact(result, offer, uniform, index === forms.length - 1))
      return cut && result.answer === 'no' ? cut : result;
    cut ??= isCut ? result : null;
    if (result.behaviour === 'timeout') timeouts += 1;
    // A refusal that may be owed to the reduced form does not replace what was seen before.
    last = last && result.answer === 'no' ? last : result;
    telling = telling && isLost(last) ? telling : last;
    const mayDiffer = result.answer === 'no' || result.retry !== 'never';
    if (!mayDiffer || timeouts >= 2 || visit.signal.aborted || visit.patience() === 0) break;
  }
  return cut ?? telling ?? unasked;
}

/** What came of one attempt; `end` is null where all was said that there is to say. */
export interface Attempt<T> {
  readonly told: T;
  readonly end: NetworkEnd | null;
}

const worthAnother: readonly (NetworkEnd | null)[] = ['reset', 'close', 'timeout', 'refused'];

/**
 * Up to five attempts, a little later each time, as long as the connection gets lost before all is said; two time-outs
 * are enough. `attempt` is given what the one before was told. Never throws where `attempt` does not.
 */
export async function insist<T>(visit: Visit, attempt: (before: T | null) => Promise<Attempt<T>>): Promise<T> {
  let latest = await attempt(null);
  let timeouts = 0;
  for (let tries = 1; tries < 5 && worthAnother.includes(latest.end); tries += 1) {
    if (latest.end === 'timeout') timeouts += 1;
    if (timeouts >= 2 || visit.patience() === 0) break;
    await visit.pause(50 * 2 ** tries * (0.5 + Math.random()));
    if (visit.signal.aborted) break;
    latest = await attempt(latest.told);
  }
  return latest.told;
}

/** A time-out of a server that answers others: it may have been asked too much at once. */
function wasSlow(visit: Visit, { behaviour }: Persisted): boolean {
  return behaviour === 'timeout' && visit.fastestMs < Infinity;
}

/** A connection that was lost takes nothing back of what another one was told. */
function isLost(result: Persisted): boolean {
  return result.alert === null && (result.behaviour === 'reset' || result.behaviour === 'close');
}

const unasked: Persisted = {
  answer: 'unknown',
  version: null,
  suite: null,
  flight: null,
  hello: null,
  banner: null,
  why: 'not asked',
  behaviour: 'cancelled',
  alert: null,
  retry: 'never',
  connected: false,
  form: 'full',
};

function isFact(result: Persisted, offer: Offer, uniform: boolean, isLast: boolean): boolean {
  if (result.answer === 'yes') return true;
  if (result.answer === 'unknown') return false;
  if (result.alert === 70 || result.alert === null || uniform) return true;
  // Without extensions a server lacks names and groups; without key shares some cannot speak TLS 1.3.
  if (result.form === 'bare') return false;
  return !(result.form === 'full' && offer.versions.includes('tls13')) || isLast;
}

function sharesOf(visit: Visit, form: HelloForm, offer: Offer): readonly KeyShare[] {
  if (form === 'full' || form === 'bare' || !offer.versions.includes('tls13')) return [];
  return [groupCode.x25519, groupCode.p256].flatMap((group) => visit.agreements(group) ?? []);
}
