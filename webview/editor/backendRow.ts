// A row of the table of backends as plain texts, so that it is drawn again only when one of them changes.

import * as l10n from '@vscode/l10n';
import { connectivityState, regionConnectivityText } from '../../src/core/connectivity.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import { seenFailureText, seenText, useText } from '../../src/core/seenText.ts';
import type { Behaviour, Survey } from '../../src/core/tls/evidence.ts';
import { requestedPathsText } from '../../src/core/tls/pathText.ts';
import { namesText } from '../../src/core/wording.ts';
import type { ConnectivityView } from '../../src/messages/editor.ts';
import { ago, dateTime } from '../time.ts';
import { certificateFacts, certificateTone, surveyProblem, versionAnswers } from './evidenceParts.tsx';

export interface Row {
  readonly host: string;
  readonly usedBy: string;
  /** What leads to the host, one a line. */
  readonly uses: string;
  readonly onlySeen: boolean;
  readonly probedAt: string;
  readonly probed: string;
  readonly problem: string;
  readonly versions: string;
  readonly certificate: string;
  readonly findings: string;
  readonly tone: ReturnType<typeof certificateTone>;
  readonly plain: boolean;
  /** Where it asks for a client certificate after the request, or where it was looked for; empty: it was not. */
  readonly paths: string;
  /** By the logs; empty: they say nothing of it. */
  readonly traffic: string;
  readonly trafficProblem: string;
  /** What the service's own check says, a region a line; empty: it was not asked. */
  readonly reach: string;
  readonly reachAt: string;
  readonly reachState: ReturnType<typeof connectivityState>;
  readonly reachProblem: string;
  readonly reachRunning: boolean;
  /** The machine that probes does not reach it, so that the service may be asked. */
  readonly mayAsk: boolean;
}

/** Behaviours that say nothing of the server: it may be there for the gateway. */
const notReached: readonly Behaviour[] = ['timeout', 'unresolvable', 'refused', 'unreachable', 'reset', 'close'];

export function isOutOfReach(survey: Survey | undefined): boolean {
  return survey !== undefined && notReached.includes(survey.behaviour);
}

export function rowOf(
  backend: BackendHost,
  survey: Survey | undefined,
  connectivity: ConnectivityView | undefined,
  now: number,
): Row {
  const titles = [...new Set(backend.usedBy.map((use) => use.title))];
  const plain = backend.scheme === 'http';
  const common = {
    host: hostAndPort(backend),
    usedBy: namesText(titles, 3),
    uses: [...new Set(backend.usedBy.map(useText))].join('\n'),
    onlySeen: backend.usedBy.every(({ kind }) => kind === 'log'),
    plain,
    traffic: backend.seen ? seenText(backend.seen, now) : '',
    trafficProblem: backend.seen ? seenFailureText(backend.seen) : '',
    mayAsk: isOutOfReach(survey),
    ...reachOf(connectivity, now),
  };
  if (!survey || plain)
    return {
      ...common,
      probedAt: '',
      probed: '',
      problem: '',
      versions: '',
      certificate: '',
      findings: '',
      tone: 'muted',
      paths: '',
    };
  const facts = certificateFacts(survey, now);
  return {
    ...common,
    probedAt: dateTime(survey.at),
    probed: ago(survey.at, now),
    problem: surveyProblem(survey),
    versions: versionAnswers(survey),
    certificate: facts.expiry,
    findings: facts.findings,
    tone: certificateTone(survey),
    paths: requestedPathsText(survey),
  };
}

function reachOf(view: ConnectivityView | undefined, now: number) {
  const { found = null, running = false, problem = '' } = view ?? {};
  return {
    reach: found ? found.regions.map(regionConnectivityText).join('\n') : '',
    reachAt: found ? l10n.t('Asked {0}. It says nothing of TLS.', ago(found.at, now)) : '',
    reachState: found ? connectivityState(found) : ('unknown' as const),
    reachProblem: problem,
    reachRunning: running,
  };
}
