// What an editor panel is made of: each part reads, remembers and shows one thing of the instance.

import type { Disposable, WebviewPanel } from 'vscode';
import { askingOperations } from '../../core/askingOperations.ts';
import { hostAndPort } from '../../core/instance.ts';
import type { BackendHost } from '../../core/instance.ts';
import type { EditorState } from '../../messages/editor.ts';
import { gatewayEndpoints } from '../gatewayCheck.ts';
import type { PlanSource } from '../plans.ts';
import type { Services } from '../services.ts';
import { openConnectivity } from './connectivity.ts';
import type { PanelConnectivity } from './connectivity.ts';
import { openPanelDrafts } from './drafts.ts';
import type { PanelDrafts } from './drafts.ts';
import { openDrift } from './drift.ts';
import type { PanelDrift } from './drift.ts';
import { openProbing } from './probing.ts';
import type { PanelProbing } from './probing.ts';
import { openRenegotiations } from './renegotiations.ts';
import type { PanelRenegotiations } from './renegotiations.ts';
import { openSeenBackends } from './seenBackends.ts';
import type { SeenBackends } from './seenBackends.ts';
import { openSelfHosted } from './selfHosted.ts';
import type { PanelSelfHosted } from './selfHosted.ts';
import { openSubject } from './subject.ts';
import type { PanelSubject } from './subject.ts';
import { openTraffic } from './traffic.ts';
import type { PanelTraffic } from './traffic.ts';
import { openVerification } from './verification.ts';
import type { PanelVerification } from './verification.ts';

export interface EditorParts extends Disposable {
  readonly subject: PanelSubject;
  readonly traffic: PanelTraffic;
  readonly seen: SeenBackends;
  readonly connectivity: PanelConnectivity;
  readonly selfHosted: PanelSelfHosted;
  readonly drafts: PanelDrafts;
  readonly drift: PanelDrift;
  readonly renegotiations: PanelRenegotiations;
  readonly verification: PanelVerification;
  readonly probing: PanelProbing;
  /** The backends with what the logs say of them. */
  hosts(): readonly BackendHost[] | null;
  /** What is known for a plan of the instance. */
  planSource(): PlanSource;
  view(): Omit<EditorState, 'problem' | 'notice'>;
  /** Another account may not see what this one has read. */
  forget(): void;
}

export interface PartsInput {
  readonly services: Services;
  readonly panel: WebviewPanel;
  readonly instanceId: string;
  readonly name: string;
  /** Under which the page has kept its draft, where it is brought back. */
  readonly writer: string | undefined;
  /** Called whenever a part says something else. */
  readonly changed: () => void;
}

export function openParts({ services, panel, instanceId, name, writer, changed: tell }: PartsInput): EditorParts {
  let whole = false;
  // A part may have something to say before the others are there; the page asks for all of it anyway.
  const changed = () => {
    if (whole) tell();
  };
  const subject = openSubject(services, instanceId, changed);
  const traffic = openTraffic(services, instanceId, changed);
  const seen = openSeenBackends(services, instanceId, changed);
  const connectivity = openConnectivity(services, instanceId, changed);
  const selfHosted = openSelfHosted(services, instanceId, changed);
  const drafts = openPanelDrafts(services, panel, { instanceId, writer }, changed);
  const drift = openDrift(services, instanceId, changed);
  const renegotiations = openRenegotiations(services, name, changed);
  const verification = openVerification(services, instanceId, changed);
  const hosts = () => {
    const backends = subject.backends();
    return backends && seen.join(backends);
  };
  const probing = openProbing(services, { subject, traffic, seen, hosts }, changed);
  const surveysOf = (endpoints: Parameters<typeof hostAndPort>[0][]) => services.surveys.of(endpoints.map(hostAndPort));
  whole = true;
  return {
    ...{
      subject,
      traffic,
      seen,
      connectivity,
      selfHosted,
      drafts,
      drift,
      renegotiations,
      verification,
      probing,
      hosts,
    },
    planSource: () => ({
      instance: subject.known(),
      backends: hosts(),
      unreadable: subject.unreadable(),
      surveys: surveysOf([...gatewayEndpoints(subject.known()), ...(hosts() ?? [])]),
      traffic: traffic.view().found,
      asking: askingOperations(renegotiations.view().found),
      seen: seen.found(),
      backendsReadAt: subject.backendsReadAt(),
      notRead: whereSaid({
        backends: subject.view().backendsProblem,
        seen: seen.view().problem,
        traffic: traffic.view().problem,
        asking: renegotiations.view().problem,
      }),
    }),
    view: () => ({
      ...subject.view(),
      backends: hosts(),
      surveys: surveysOf([...(hosts() ?? [])]),
      gatewaySurveys: surveysOf(gatewayEndpoints(subject.known())),
      probing: probing.view(),
      renegotiations: renegotiations.view(),
      traffic: traffic.view(),
      seen: seen.view(),
      connectivity: connectivity.view(),
      selfHosted: selfHosted.view(),
      drift: drift.view(),
      drafts: drafts.view(),
      watch: verification.view(),
    }),
    forget: () => {
      probing.cancel();
      connectivity.cancel();
      for (const part of [traffic, seen, renegotiations, selfHosted]) part.forget();
    },
    dispose: () => {
      for (const part of [probing, traffic, seen, selfHosted, drift, renegotiations]) part.cancel();
      for (const part of [connectivity, drafts, verification]) part.dispose();
    },
  };
}

/** Of what was asked for and could not be read. */
function whereSaid(
  problems: Readonly<Record<keyof NonNullable<PlanSource['notRead']>, string>>,
): NonNullable<PlanSource['notRead']> {
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== ''));
}
