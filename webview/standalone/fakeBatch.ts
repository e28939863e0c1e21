// The panel of a change of several instances, made up: its rows change as those of a real one would.

import { waveOf } from '../../src/core/batch.ts';
import type { Aim } from '../../src/core/batch.ts';
import { leftOutText } from '../../src/core/batchText.ts';
import { batchToHostSchemas } from '../../src/messages/batch.ts';
import type { BatchOptions, BatchRow, BatchState, BatchToHost, BatchToWebview } from '../../src/messages/batch.ts';
import { batchPartBetween } from '../../src/messages/batchParts.ts';
import { openChannel } from '../../src/messages/channel.ts';
import type { Handlers } from '../../src/messages/channel.ts';
import { validatorOf } from '../../src/messages/validate.ts';

export const batchScenarios = ['plan', 'planned', 'running', 'paused', 'ended', 'large', 'none'] as const;
export type BatchScenario = (typeof batchScenarios)[number];

export interface FakeBatch {
  readonly receive: (message: unknown) => void;
  /** Every request so far, for tests. */
  readonly requests: readonly { readonly name: string; readonly argument: unknown }[];
  /** Replaces parts of the state and sends it to the page. */
  readonly push: (part: Partial<BatchState>) => void;
  /** The next request fails with this sentence. */
  readonly failNext: (message: string) => void;
}

const tiers = ['Premium', 'StandardV2', 'Standard', 'Developer', 'BasicV2', 'Premium', 'Consumption'];
const kinds = ['shop', 'billing', 'claims', 'partners', 'mobile', 'ledger', 'search'];
const second = 1000;

function rowOf(index: number): BatchRow {
  const tier = tiers[index % tiers.length] ?? '';
  const name = `contoso-${kinds[index % kinds.length]}-${String(index + 1).padStart(3, '0')}`;
  return {
    id: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${name}`,
    name,
    subscriptionName: index % 3 === 0 ? 'Contoso - integration' : 'Contoso - retail',
    tier,
    wave: waveOf(tier),
    state: 'planned',
    leftOut: null,
    check: 'no',
    changes: 0,
    blockers: 0,
    warnings: 0,
    absolute: false,
    overridden: false,
    startedAt: null,
    endedAt: null,
    detail: '',
  };
}

/** Every fifth has nothing to change, every seventh has a blocker. */
function plannedRow(row: BatchRow, index: number): BatchRow {
  if (index % 5 === 4) return { ...row, state: 'leftOut', leftOut: 'unneeded', detail: leftOutText('unneeded') };
  if (index % 7 !== 6) return { ...row, changes: 2 + (index % 4), warnings: 1 + (index % 2) };
  return { ...row, state: 'leftOut', leftOut: 'blocked', changes: 3, blockers: 1, detail: leftOutText('blocked') };
}

function begunRow(row: BatchRow, index: number, now: number): BatchRow {
  if (row.state !== 'planned') return row;
  const startedAt = new Date(now - 40 * 60 * second).toISOString();
  const ended = { startedAt, endedAt: new Date(now - 12 * 60 * second).toISOString() };
  if (index === 1)
    return { ...row, ...ended, state: 'failed', detail: `${row.name}: Azure could not carry out the change.` };
  if (index < 3) return { ...row, ...ended, state: 'done' };
  return index < 8 ? { ...row, startedAt, state: 'running' } : { ...row, state: 'waiting' };
}

function initial(scenario: BatchScenario, now: number): BatchState {
  const count = scenario === 'large' ? 500 : scenario === 'none' ? 0 : 14;
  const rows = Array.from({ length: count }, (_, index) => rowOf(index));
  const aim: Aim | null = scenario === 'plan' || scenario === 'none' ? null : { kind: 'preset', preset: 'modern' };
  const planned = aim === null ? rows : rows.map(plannedRow);
  const begun = planned.map((row, index) => begunRow(row, index, now));
  const common: BatchState = {
    phase: 'planning',
    batchId: 'one',
    aim,
    startedAt: null,
    limit: 5,
    stopOnFailure: true,
    downtimeAt: null,
    rows: planned,
    checking: null,
    pause: '',
    stopped: false,
    foreign: false,
    asked: false,
    sample: true,
    problem: '',
    notice: '',
  };
  const running = { startedAt: new Date(now - 3600 * second).toISOString(), rows: begun };
  if (scenario === 'running') return { ...common, ...running, phase: 'running' };
  if (scenario === 'paused')
    return {
      ...common,
      ...running,
      phase: 'paused',
      pause: 'Paused, because contoso-billing-002 did not end as planned.',
    };
  if (scenario === 'ended') return { ...common, ...running, phase: 'ended', rows: begun.map(endedRow) };
  return common;
}

function endedRow(row: BatchRow): BatchRow {
  const active = row.state === 'waiting' || row.state === 'running';
  const endedAt = row.startedAt ?? new Date(0).toISOString();
  return active ? { ...row, state: 'done', startedAt: endedAt, endedAt } : row;
}

/** @param stepMs how long each made-up step takes */
export function createFakeBatch(
  scenario: BatchScenario,
  stepMs: number,
  deliver: (message: unknown) => void,
): FakeBatch {
  let state = initial(scenario, Date.now());
  let failure = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const requests: { name: string; argument: unknown }[] = [];
  const push = (part: Partial<BatchState>) => {
    const before = state;
    state = { ...state, ...part };
    void channel.request('part', batchPartBetween(before, state)).catch(() => undefined);
  };
  const withRow = (id: string, part: Partial<BatchRow>) =>
    push({ rows: state.rows.map((row) => (row.id === id ? { ...row, ...part } : row)) });

  const check = (done: number) => {
    const row = state.rows[done];
    if (!row) return push({ checking: null });
    push({
      checking: { done, total: state.rows.length, hosts: 3 * done },
      rows: state.rows.map((one, index) =>
        index === done ? { ...one, check: 'running' } : index < done ? { ...one, check: 'done' } : one,
      ),
    });
    timer = setTimeout(() => {
      withRow(row.id, { check: 'done' });
      check(done + 1);
    }, stepMs);
  };

  const aimAt = (aim: Aim) => {
    const rows = state.rows.map(({ id }) => rowOf(Number(id.slice(-3)) - 1));
    push({ aim, rows: rows.map(plannedRow) });
  };

  const handlers: Handlers<BatchToHost> = {
    ready: () => state,
    choosePreset: ({ preset }: { preset: Extract<Aim, { kind: 'preset' }>['preset'] }) =>
      aimAt({ kind: 'preset', preset }),
    chooseSource: () => aimAt({ kind: 'copy', instanceId: '/one', instanceName: 'contoso-payments' }),
    setOptions: (options: BatchOptions) => push(options),
    addInstances: () => push({ rows: [...state.rows, rowOf(state.rows.length)] }),
    remove: ({ id }: { id: string }) => push({ rows: state.rows.filter((row) => row.id !== id) }),
    details: ({ id }: { id: string }) => {
      const row = state.rows.find((one) => one.id === id);
      return {
        changes: ['TLS 1.0, client side: on → off', 'TLS 1.1, client side: on → off'].slice(0, row?.changes ?? 0),
        findings: [
          ...(row && row.blockers > 0
            ? [{ severity: 'blocker' as const, text: 'erp.contoso.example:443 would stop connecting.' }]
            : []),
          { severity: 'warning' as const, text: 'Clients that speak TLS 1.0 or TLS 1.1 only are refused.' },
        ],
        left: [],
        unread: row && row.blockers > 0 ? ['Logs: not read: You have no permission for this.'] : [],
      };
    },
    check: () => check(0),
    cancel: () => {
      clearTimeout(timer);
      push({ checking: null });
    },
    override: ({ id, name }: { id: string; name: string }) => {
      const fits = state.rows.some((row) => row.id === id && row.name === name);
      withRow(id, fits ? { overridden: true, state: 'planned', detail: '' } : { overridden: false });
      return fits;
    },
    edit: () => undefined,
    start: () =>
      push({
        phase: 'running',
        batchId: 'one',
        startedAt: new Date().toISOString(),
        rows: state.rows.map((row, index) => begunRow(row, index, Date.now())),
      }),
    pause: () => push({ phase: 'paused', pause: 'Paused. Nothing new begins; what Azure is changing goes on.' }),
    resume: () => push({ phase: 'running', pause: '' }),
    stop: () => push({ phase: 'ended', stopped: true, pause: '', rows: state.rows.map(endedRow) }),
    undo: () => undefined,
    planRest: () => undefined,
    save: () => undefined,
    dismiss: () => push({ problem: '', notice: '' }),
    showLog: () => undefined,
  };
  const validate = validatorOf(batchToHostSchemas);
  const channel = openChannel<BatchToHost, BatchToWebview>(deliver, handlers, (name, argument) => {
    requests.push({ name, argument });
    if (failure === '') return validate(name, argument);
    const message = failure;
    failure = '';
    throw new Error(message);
  });
  return {
    receive: (message) => channel.receive(message),
    requests,
    push,
    failNext: (message) => void (failure = message),
  };
}
