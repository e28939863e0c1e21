// Plays the panel for the stand-alone page: same channel, same checks of requests, no VS Code and no Azure.

import type { CustomProperties } from '../../src/core/instance.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { openChannel } from '../../src/messages/channel.ts';
import { partBetween } from '../../src/messages/stateParts.ts';
import type { Handlers } from '../../src/messages/channel.ts';
import { summaryOf } from '../../src/core/renegotiation.ts';
import type { RenegotiationList } from '../../src/core/renegotiation.ts';
import { tierRules } from '../../src/core/tls/tiers.ts';
import { renegotiationsAtOnce, validateToHost } from '../../src/messages/editor.ts';
import type { EditorState, KeptDraft, ToHost, ToWebview } from '../../src/messages/editor.ts';
import type { TrafficDays } from '../../src/core/traffic.ts';
import { sampleConnectivity, sampleSeen, seenView } from './backends.ts';
import { noRenegotiations, sampleRenegotiations } from './renegotiations.ts';
import type { Scenario } from './scenarios.ts';
import { noTraffic, sampleTraffic } from './traffic.ts';

/** How long the made-up steps take, in milliseconds. */
export interface Pace {
  readonly probe: number;
  readonly operation: number;
}

export interface FakeHost {
  /** A message from the page. */
  readonly receive: (message: unknown) => void;
  /** Every request so far, for tests. */
  readonly requests: readonly { readonly name: string; readonly argument: unknown }[];
  /** What *Check* finds, by `hostAndPort`. */
  readonly found: Scenario['found'];
  readonly state: () => EditorState;
  /** Replaces parts of the state and sends it to the page. */
  readonly push: (part: Partial<EditorState>) => void;
  /** The next request fails with this sentence. */
  readonly failNext: (message: string) => void;
  /** Lets somebody else change the instance. */
  readonly changeElsewhere: (map: CustomProperties) => void;
  /** Hands the page another draft, as a plan that was opened does. */
  readonly giveDraft: (changes: KeptDraft['changes']) => void;
}

export function createFakeHost(scenario: Scenario, pace: Pace, deliver: (message: unknown) => void): FakeHost {
  let state = scenario.state;
  /** What the page has. */
  let sent: EditorState | undefined;
  let writes = 0;
  let cancelled = false;
  let failure = '';
  let reading: ReturnType<typeof setTimeout> | undefined;
  let estimating: ReturnType<typeof setTimeout> | undefined;
  let asking: ReturnType<typeof setTimeout> | undefined;
  let renegotiations: RenegotiationList | null = null;
  let lists = 0;
  const requests: { name: string; argument: unknown }[] = [];
  const push = (part: Partial<EditorState>) => {
    const before = sent;
    state = { ...state, ...part };
    sent = state;
    const sending = before ? channel.request('part', partBetween(before, state)) : channel.request('state', state);
    void sending.catch(() => (sent = undefined));
  };
  const withMap = (map: CustomProperties | null) => {
    writes += 1;
    return {
      ...state.instance,
      customProperties: map,
      etag: `W${writes}`,
      provisioningState: 'Succeeded',
      readAt: new Date().toISOString(),
    };
  };

  /** Delivers evidence one host after the other. */
  const probe = (what: 'backends' | 'gateway') => {
    const found = Object.entries(what === 'backends' ? scenario.found : scenario.foundAtGateway);
    const field = what === 'backends' ? 'surveys' : 'gatewaySurveys';
    cancelled = false;
    const step = (done: number) => {
      const next = found[done];
      if (cancelled || !next) return push({ probing: null });
      setTimeout(() => {
        if (cancelled) return push({ probing: null });
        const survey = { ...next[1], at: new Date().toISOString() };
        push({
          [field]: { ...state[field], [next[0]]: survey },
          probing: { what, done: done + 1, total: found.length },
        });
        step(done + 1);
      }, pace.probe);
    };
    push({ backends: state.backends ?? scenario.backends, probing: { what, done: 0, total: found.length } });
    step(0);
  };

  const save = (kind: 'change' | 'undo', map: CustomProperties | null) => {
    const before = state.instance.customProperties;
    if (before === null || map === null) return false;
    const id = `op-now-${writes}`;
    const startedAt = new Date().toISOString();
    const entry = {
      id,
      instanceId: state.instance.id,
      kind,
      startedAt,
      endedAt: null,
      who: 'you@contoso.example',
      before,
      after: map,
      result: 'running',
      detail: '',
    } as const;
    push({
      instance: { ...state.instance, provisioningState: 'Updating' },
      operation: { id, kind, startedAt, foreign: false },
      history: [entry, ...state.history],
      notice: '',
    });
    setTimeout(() => {
      const done = { ...entry, endedAt: new Date().toISOString(), result: 'done' } as const;
      push({
        instance: withMap(map),
        operation: null,
        history: [done, ...state.history.slice(1)],
        notice:
          kind === 'undo'
            ? 'The change was undone; the settings were read back as sent.'
            : 'The change is in effect; the settings were read back as sent.',
      });
    }, pace.operation);
    return true;
  };

  const readTraffic = (days: TrafficDays) => {
    clearTimeout(reading);
    push({ traffic: { days, reading: true, problem: '', found: null } });
    reading = setTimeout(() => {
      const found = scenario.unlogged ? noTraffic(Date.now(), days) : sampleTraffic(Date.now(), days);
      const seen = sampleSeen(state.backends ?? scenario.backends, days, Date.now());
      push({
        traffic: { days, reading: false, problem: '', found },
        ...(scenario.unlogged ? {} : { backends: seen, seen: seenView(days, Date.now()) }),
      });
    }, pace.probe);
  };

  const readRenegotiations = (days: TrafficDays) => {
    clearTimeout(estimating);
    push({
      renegotiations: { days, progress: { step: 'policies', done: 1, total: 48 }, problem: '', found: null },
    });
    estimating = setTimeout(() => {
      const { tier } = state.instance;
      const count = scenario.backends.length > 100 ? 4312 : 0;
      renegotiations = tierRules(tier).renegotiation
        ? sampleRenegotiations(Date.now(), days, count)
        : noRenegotiations(Date.now(), days, tier);
      lists += 1;
      const found = { ...summaryOf(renegotiations), list: lists };
      push({ renegotiations: { days, progress: null, problem: '', found } });
    }, pace.probe);
  };

  const handlers: Handlers<ToHost> = {
    ready: () => {
      sent = state;
      return { state, draft: null, writer: 'page' };
    },
    keepDraft: () => undefined,
    settleDraft: ({ writer }) => {
      const others = state.drafts.others.filter((other) => other.writer !== writer);
      push({ drafts: { ...state.drafts, others } });
    },
    refresh: () => push({ instance: { ...state.instance, readAt: new Date().toISOString() }, problem: '' }),
    check: () => probe('backends'),
    cancel: () => {
      cancelled = true;
      clearTimeout(estimating);
      clearTimeout(reading);
      push({
        renegotiations: { ...state.renegotiations, progress: null },
        traffic: { ...state.traffic, reading: false },
      });
    },
    probeGateway: () => probe('gateway'),
    readRenegotiations: ({ days }: { days: TrafficDays }) => readRenegotiations(days),
    cancelRenegotiations: () => {
      clearTimeout(estimating);
      push({ renegotiations: { ...state.renegotiations, progress: null } });
    },
    renegotiationRows: ({ from }: { from: number }) =>
      renegotiations?.rows.slice(from, from + renegotiationsAtOnce) ?? [],
    exportRenegotiations: () => true,
    readTraffic: ({ days }: { days: TrafficDays }) => readTraffic(days),
    checkConnectivity: ({ hosts }: { hosts: readonly string[] }) => {
      const of = (entry: (host: string) => EditorState['connectivity'][string]) =>
        push({
          connectivity: { ...state.connectivity, ...Object.fromEntries(hosts.map((host) => [host, entry(host)])) },
        });
      of(() => ({ found: null, running: true, problem: '' }));
      asking = setTimeout(() => of((host) => sampleConnectivity(host, Date.now())), pace.probe);
    },
    cancelConnectivity: () => {
      clearTimeout(asking);
      const still = Object.entries(state.connectivity).map(
        ([host, one]) => [host, { ...one, running: false }] as const,
      );
      push({ connectivity: Object.fromEntries(still) });
    },
    chooseTraffic: ({ days }: { days: TrafficDays }) => {
      const { found } = state.traffic;
      push({ traffic: { ...state.traffic, days, found: found?.days === days ? found : null } });
    },
    cancelTraffic: () => {
      clearTimeout(reading);
      push({ traffic: { ...state.traffic, reading: false } });
    },
    acceptDrift: () => push({ drift: null }),
    goBackDrift: () => save('change', state.drift?.before ?? null),
    savePlan: () => undefined,
    copyPlan: () => undefined,
    readReadiness: () => {
      readRenegotiations(state.renegotiations.days);
      probe('backends');
    },
    saveReadiness: () => undefined,
    copyReadiness: () => undefined,
    compare: () => undefined,
    apply: ({ changes }: { changes: DraftChanges }) => save('change', mapForDraft(state.instance, changes)),
    undo: ({ id }: { id: string }) => save('undo', state.history.find((entry) => entry.id === id)?.before ?? null),
    lookAgain: () => undefined,
    stopWatching: () => undefined,
    showSurvey: () => undefined,
    dismiss: () => push({ problem: '', notice: '', drafts: { ...state.drafts, from: null } }),
    openInPortal: () => undefined,
    showLog: () => undefined,
    copy: ({ text }: { text: string }) => void navigator.clipboard?.writeText(text).catch(() => undefined),
  };
  const channel = openChannel<ToHost, ToWebview>(deliver, handlers, (name, argument) => {
    requests.push({ name, argument });
    if (failure !== '') {
      const message = failure;
      failure = '';
      throw new Error(message);
    }
    return validateToHost(name, argument);
  });
  return {
    receive: (message) => channel.receive(message),
    requests,
    found: scenario.found,
    state: () => state,
    push,
    failNext: (message) => void (failure = message),
    changeElsewhere: (map) => push({ instance: withMap(map) }),
    giveDraft: (changes) => {
      const { id: instanceId, etag, customProperties: map } = state.instance;
      void channel.request('draft', { instanceId, base: { etag, map }, changes }).catch(() => undefined);
    },
  };
}
