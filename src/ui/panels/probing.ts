// The probes of one editor panel: check, gateway, and what readiness for TLS 1.3 goes by. One at a time; a new one
// takes the place of the one before.

import { hostAndPort } from '../../core/instance.ts';
import type { BackendHost } from '../../core/instance.ts';
import type { DraftChanges } from '../../core/tls/draft.ts';
import { usualLogs } from '../../flows/checkLogs.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import { probeFor13 } from '../../flows/readReadiness.ts';
import type { EditorState } from '../../messages/editor.ts';
import { hostsAtOnce } from '../config.ts';
import { gatewayEndpoints } from '../gatewayCheck.ts';
import type { Services } from '../services.ts';
import type { SeenBackends } from './seenBackends.ts';
import type { PanelSubject } from './subject.ts';
import type { PanelTraffic } from './traffic.ts';

/** What the probes know the instance by, and what they bring along. */
export interface Probed {
  readonly subject: PanelSubject;
  readonly traffic: PanelTraffic;
  readonly seen: SeenBackends;
  /** The backends with what the logs say of them; null where they have not been read. */
  readonly hosts: () => readonly BackendHost[] | null;
}

export interface PanelProbing {
  view(): EditorState['probing'];
  /** Each of them resolves at the end, and where it was cancelled. */
  check(changes: DraftChanges): Promise<void>;
  gateway(): Promise<void>;
  /** The backends, as TLS 1.3 would meet them. `beside`: read at the same time. */
  for13(beside: () => readonly Promise<void>[]): Promise<void>;
  cancel(): void;
}

/** @param changed called whenever the view says something else */
export function openProbing(services: Services, probed: Probed, changed: () => void): PanelProbing {
  let probing: EditorState['probing'] = null;
  let work: AbortController | undefined;
  const show = (next: EditorState['probing']) => {
    probing = next;
    changed();
  };
  const alone = async (run: (signal: AbortSignal) => Promise<unknown>) => {
    work?.abort();
    const own = new AbortController();
    work = own;
    try {
      await run(own.signal);
    } finally {
      if (work === own) {
        work = undefined;
        show(null);
      }
    }
  };
  return {
    view: () => probing,
    check: (changes) => alone((signal) => check(services, probed, changes, signal, show)),
    gateway: () => alone((signal) => probeGateway(services, probed, signal, show)),
    for13: (beside) =>
      alone(async (signal) => {
        show({ what: 'backends', done: 0, total: 0 });
        const asked = new Set<string>();
        const probe = () => probeBackends(services, probed, signal, show, asked);
        await Promise.all([...beside(), probed.subject.readBackends(signal).then(probe)]);
        // Those that only the logs know.
        await probe();
      }),
    cancel: () => work?.abort(),
  };
}

type Show = (probing: EditorState['probing']) => void;

async function check(
  services: Services,
  { subject, traffic, seen }: Probed,
  changes: DraftChanges,
  signal: AbortSignal,
  show: Show,
): Promise<void> {
  const { checkDraft } = await import('../changes.ts');
  const onProgress = ({ instance, ...progress }: CheckSnapshot) => {
    const { backends, unreadable } = progress;
    // Until they have been read again, those that were known stay on the page.
    const read = backends ? { backends, unreadable } : progress.backendsFailure ? { backends } : {};
    subject.take({ instance, ...read });
    if (progress.traffic) traffic.take(progress.traffic);
    // The window may have been chosen anew meanwhile.
    if (progress.seen?.days === traffic.view().days) seen.take(progress.seen);
    show({ what: 'backends', done: progress.done, total: progress.total });
  };
  await checkDraft(services, subject.known().id, changes, signal, onProgress, {
    traffic: { ...usualLogs, days: traffic.view().days },
  });
}

async function probeGateway(services: Services, { subject }: Probed, signal: AbortSignal, show: Show): Promise<void> {
  const endpoints = gatewayEndpoints(subject.known());
  const connection = await services.connection();
  const { surveyAll } = await import('../../probe/survey.ts');
  const total = endpoints.length;
  let done = 0;
  show({ what: 'gateway', done, total });
  await surveyAll(
    endpoints,
    null,
    (survey) => {
      if (survey.behaviour === 'cancelled') return;
      done += 1;
      services.surveys.put(survey);
      show({ what: 'gateway', done, total });
    },
    { ...connection.probeOptions(), signal },
  );
}

/** @param asked hosts that were probed before, by `hostAndPort`; those that are probed now are added */
async function probeBackends(
  services: Services,
  { subject, hosts }: Probed,
  signal: AbortSignal,
  show: Show,
  asked: Set<string>,
): Promise<void> {
  const instance = subject.known();
  const backends = (hosts() ?? []).filter((host) => !asked.has(hostAndPort(host)));
  backends.forEach((host) => asked.add(hostAndPort(host)));
  if (backends.length === 0 || signal.aborted) return;
  const connection = await services.connection();
  const probe = await import('../../probe/survey.ts');
  const probeOptions = { ...connection.probeOptions(), atOnce: hostsAtOnce() };
  const onProgress = (count: { readonly done: number; readonly total: number }) => show({ what: 'backends', ...count });
  await probeFor13({ probe, probeOptions, signal, instance, backends, onProgress }, (survey) =>
    services.surveys.put(survey),
  );
}
