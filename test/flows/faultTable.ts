// Every fault of Azure at every step of a change, and what is to come of it.

import type { Fault } from '../../src/emulator/faults.ts';
import type { Step } from './walk.ts';

export const always = Infinity;

export interface Row {
  readonly fault: Fault;
  readonly at: Step;
  readonly times: number;
  /** What apply comes to; "rejects <code>" where it rejects. */
  readonly apply: string;
  /** What following comes to, where there is something to follow. */
  readonly follow?: string;
  /** The map on the server in the end. */
  readonly map: 'before' | 'after' | 'another';
  readonly patches: number;
  /** Results of the history, oldest first. */
  readonly history: readonly string[];
  /** Operations that are still kept. */
  readonly kept: number;
}

const done = {
  apply: 'running',
  follow: 'done',
  map: 'after',
  patches: 1,
  history: ['running', 'done'],
  kept: 0,
} as const;
const nothing = { map: 'before', patches: 0, history: [], kept: 0 } as const;
const refused = { map: 'before', patches: 1, history: ['refused'], kept: 0 } as const;
const stopped = { apply: 'running', map: 'before', patches: 1, history: ['running'], kept: 1 } as const;
const failed = {
  apply: 'running',
  follow: 'failed',
  map: 'before',
  patches: 1,
  history: ['running', 'failed'],
  kept: 0,
} as const;

const noWay = (why: Extract<Fault, { kind: 'noConnection' }>['why']): Fault => ({ kind: 'noConnection', why });
const claims: Fault = { kind: 'claimsChallenge' };
const throttled: Fault = { kind: 'throttled', retryAfterSeconds: 0 };
const unavailable: Fault = { kind: 'unavailable', retryAfterSeconds: 0 };

export const rows: readonly Row[] = [
  // Before anything is sent: a fault that passes is not noticed, any other leaves everything as it was.
  { at: 'read', times: 1, fault: claims, ...done },
  { at: 'read', times: 1, fault: throttled, ...done },
  { at: 'read', times: 2, fault: { kind: 'serverError' }, ...done },
  { at: 'read', times: 3, fault: unavailable, ...done },
  { at: 'read', times: 1, fault: { kind: 'drop' }, ...done },
  { at: 'read', times: always, fault: claims, apply: 'rejects interactionNeeded', ...nothing },
  { at: 'read', times: always, fault: { kind: 'forbidden' }, apply: 'rejects forbidden', ...nothing },
  { at: 'read', times: always, fault: { kind: 'notFound' }, apply: 'rejects notFound', ...nothing },
  { at: 'read', times: always, fault: { kind: 'serviceLocked' }, apply: 'rejects locked', ...nothing },
  { at: 'read', times: always, fault: { kind: 'preconditionFailed' }, apply: 'rejects changed', ...nothing },
  { at: 'read', times: always, fault: throttled, apply: 'rejects throttled', ...nothing },
  { at: 'read', times: always, fault: { kind: 'serverError' }, apply: 'rejects unavailable', ...nothing },
  { at: 'read', times: always, fault: unavailable, apply: 'rejects unavailable', ...nothing },
  { at: 'read', times: always, fault: { kind: 'drop' }, apply: 'rejects network', ...nothing },
  { at: 'read', times: always, fault: { kind: 'hang' }, apply: 'rejects timeout', ...nothing },
  { at: 'read', times: always, fault: { kind: 'malformed' }, apply: 'rejects malformed', ...nothing },
  { at: 'read', times: always, fault: { kind: 'html' }, apply: 'rejects portal', ...nothing },
  // The change itself: sent again only where it was certainly not carried out.
  { at: 'patch', times: 1, fault: claims, ...done, patches: 2 },
  { at: 'patch', times: 1, fault: throttled, ...done, patches: 2 },
  { at: 'patch', times: always, fault: claims, apply: 'refused service interactionNeeded', ...refused, patches: 2 },
  { at: 'patch', times: always, fault: { kind: 'forbidden' }, apply: 'refused service forbidden', ...refused },
  { at: 'patch', times: always, fault: { kind: 'notFound' }, apply: 'refused service notFound', ...refused },
  { at: 'patch', times: always, fault: { kind: 'serviceLocked' }, apply: 'refused service locked', ...refused },
  { at: 'patch', times: always, fault: { kind: 'preconditionFailed' }, apply: 'refused service changed', ...refused },
  { at: 'patch', times: always, fault: throttled, apply: 'refused service throttled', ...refused, patches: 4 },
  { at: 'patch', times: 1, fault: { kind: 'serverError' }, apply: 'refused notWritten unavailable', ...refused },
  { at: 'patch', times: 1, fault: unavailable, apply: 'refused notWritten unavailable', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'drop' }, apply: 'refused notWritten network', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'drop', late: true }, ...done, apply: 'running, doubt network' },
  { at: 'patch', times: 1, fault: { kind: 'hang' }, apply: 'refused notWritten timeout', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'malformed' }, apply: 'refused notWritten malformed', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'html' }, apply: 'refused notWritten portal', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'redirect' }, apply: 'refused notWritten portal', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'networkLogin' }, apply: 'refused notWritten portal', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'badGateway' }, apply: 'refused notWritten unavailable', ...refused },
  { at: 'patch', times: 1, fault: noWay('offline'), apply: 'refused notWritten offline', ...refused },
  { at: 'patch', times: 1, fault: noWay('refused'), apply: 'refused notWritten network', ...refused },
  // What keeps a connection from coming about leaves no doubt that nothing was sent.
  { at: 'patch', times: 1, fault: noWay('dns'), apply: 'refused service dns', ...refused },
  { at: 'patch', times: 1, fault: noWay('untrusted'), apply: 'refused service certificateRefused', ...refused },
  { at: 'patch', times: 1, fault: noWay('notYetValid'), apply: 'refused service clock', ...refused },
  { at: 'patch', times: 1, fault: noWay('oldTls'), apply: 'refused service oldTls', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'proxySignIn' }, apply: 'refused service proxy', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'proxyRefusal' }, apply: 'refused service proxy', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'tokenRefused' }, apply: 'refused service unauthorized', ...refused },
  { at: 'patch', times: 1, fault: { kind: 'apiVersion' }, apply: 'refused service apiVersion', ...refused },
  // What becomes of the operation.
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'error' }, ...failed },
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'status' }, ...failed },
  { at: 'patch', times: 1, fault: { kind: 'operationFails', as: 'resource' }, ...failed },
  {
    at: 'patch',
    times: 1,
    fault: { kind: 'operationNeverEnds' },
    ...failed,
    follow: 'unknown',
    history: ['running', 'unknown'],
  },
  {
    at: 'patch',
    times: 1,
    fault: { kind: 'readBackLosesKey' },
    ...done,
    follow: 'different',
    map: 'another',
    history: ['running', 'different'],
  },
  {
    at: 'patch',
    times: 1,
    fault: { kind: 'operationWithoutEffect' },
    ...failed,
    follow: 'different',
    history: ['running', 'different'],
  },
  // While it is followed: what passes is waited out, what needs the user leaves the operation to be resumed.
  { at: 'poll', times: 1, fault: claims, ...done },
  { at: 'poll', times: always, fault: claims, ...stopped, follow: 'stopped interactionNeeded', map: 'before' },
  { at: 'poll', times: always, fault: { kind: 'forbidden' }, ...stopped, follow: 'stopped forbidden' },
  { at: 'poll', times: always, fault: { kind: 'notFound' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'serviceLocked' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'preconditionFailed' }, ...done },
  { at: 'poll', times: 20, fault: throttled, ...done },
  { at: 'poll', times: 20, fault: { kind: 'serverError' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'serverError' }, ...done },
  { at: 'poll', times: always, fault: unavailable, ...done },
  { at: 'poll', times: 20, fault: { kind: 'drop' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'drop' }, ...done },
  { at: 'poll', times: 2, fault: { kind: 'hang' }, ...done },
  { at: 'poll', times: 3, fault: { kind: 'malformed' }, ...done },
  { at: 'poll', times: 3, fault: { kind: 'html' }, ...done },
  { at: 'poll', times: 20, fault: noWay('offline'), ...done },
  { at: 'poll', times: always, fault: noWay('dns'), ...done },
  { at: 'poll', times: 3, fault: { kind: 'redirect' }, ...done },
  { at: 'poll', times: 20, fault: { kind: 'networkLogin' }, ...done },
  { at: 'poll', times: 20, fault: { kind: 'badGateway' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'gone' }, ...done },
  { at: 'poll', times: always, fault: { kind: 'apiVersion' }, ...done },
  { at: 'poll', times: always, fault: noWay('untrusted'), ...stopped, follow: 'stopped certificateRefused' },
  { at: 'poll', times: always, fault: noWay('notYetValid'), ...stopped, follow: 'stopped clock' },
  { at: 'poll', times: always, fault: noWay('oldTls'), ...stopped, follow: 'stopped oldTls' },
  { at: 'poll', times: always, fault: { kind: 'proxySignIn' }, ...stopped, follow: 'stopped proxy' },
  { at: 'poll', times: always, fault: { kind: 'proxyRefusal' }, ...stopped, follow: 'stopped proxy' },
  { at: 'poll', times: always, fault: { kind: 'tokenRefused' }, ...stopped, follow: 'stopped unauthorized' },
  // Reading back at the end.
  { at: 'readBack', times: 1, fault: claims, ...done },
  { at: 'readBack', times: always, fault: claims, ...stopped, follow: 'stopped interactionNeeded', map: 'after' },
  {
    at: 'readBack',
    times: always,
    fault: { kind: 'forbidden' },
    ...stopped,
    follow: 'stopped forbidden',
    map: 'after',
  },
  { at: 'readBack', times: 1, fault: { kind: 'notFound' }, ...done },
  {
    at: 'readBack',
    times: always,
    fault: { kind: 'notFound' },
    ...done,
    follow: 'unknown',
    history: ['running', 'unknown'],
  },
  { at: 'readBack', times: 20, fault: throttled, ...done },
  { at: 'readBack', times: 20, fault: { kind: 'serverError' }, ...done },
  { at: 'readBack', times: 20, fault: unavailable, ...done },
  { at: 'readBack', times: 20, fault: { kind: 'drop' }, ...done },
  { at: 'readBack', times: 2, fault: { kind: 'hang' }, ...done },
  { at: 'readBack', times: 3, fault: { kind: 'malformed' }, ...done },
  { at: 'readBack', times: 3, fault: { kind: 'html' }, ...done },
];
