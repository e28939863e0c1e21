// How long a draft's diff, lint and verdicts take over 200 backends with 20 cipher suites each: what the editor works out
// for every click. Each draft differs from the one before, as clicks do.

import { hostAndPort } from '../src/core/instance.ts';
import type { BackendHost } from '../src/core/instance.ts';
import { gatewaySuites } from '../src/core/tls/ciphers.ts';
import type { DraftChanges } from '../src/core/tls/draft.ts';
import type { Survey } from '../src/core/tls/evidence.ts';
import { settings } from '../src/core/tls/settings.ts';
import { makeModel, settingsOf } from '../webview/model.ts';
import { makeScenario } from '../webview/standalone/scenarios.ts';
import { printFigure, printSeries, quantile } from './support/figures.ts';

const backends = 200;
const suites = 20;
const rounds = 300;

const now = Date.UTC(2026, 10, 20);
const { state } = makeScenario('many', now);
const codes = gatewaySuites.slice(0, suites).map(({ code }) => code);

/** Each server takes a selection of its own, in an order of its own, so that nothing can be worked out once for several. */
function surveyOf(survey: Survey, at: number): Survey {
  const own = codes.filter((_, place) => (place * 7 + at) % 5 !== 0 || place < 2);
  const turned = [...own.slice(at % own.length), ...own.slice(0, at % own.length)];
  return {
    ...survey,
    behaviour: 'tls',
    protocols: { ssl3: 'no', tls10: at % 4 === 0 ? 'yes' : 'no', tls11: 'yes', tls12: 'yes', tls13: 'no' },
    preferred: { tls12: turned[0] ?? 0 },
    suites: { tls10: turned, tls11: turned, tls12: turned },
    preference: { tls12: at % 3 === 0 ? 'client' : 'server' },
  };
}

const chosen: readonly BackendHost[] = (state.backends ?? []).slice(0, backends);
const answered = Object.values(state.surveys).find(({ behaviour }) => behaviour === 'tls');
if (chosen.length !== backends || !answered) throw new Error('The scenario has too few backends.');
const surveys = Object.fromEntries(
  chosen.map((backend, at) => [
    hostAndPort(backend),
    surveyOf({ ...answered, endpoint: { ...answered.endpoint, host: backend.host, port: backend.port } }, at),
  ]),
);
const probed = { ...state, backends: chosen, surveys };
const base = { etag: state.instance.etag, map: state.instance.customProperties };

const free = settings.filter(({ keys }) => keys.length > 0).map(({ id }) => id);
function draftOf(round: number): DraftChanges {
  const off = free.filter((_, place) => (place + round) % 3 === 0);
  return Object.fromEntries(off.map((id) => [id, round % 2 === 0 ? 'off' : 'default']));
}

/** A fixed amount of work in the same process, to tell a slow machine from slow code. */
function reference(): number {
  const since = performance.now();
  const lists = Array.from({ length: backends }, (_, at) => JSON.stringify({ at, codes, name: `host-${at}` }));
  const sum = lists.reduce((total, text) => total + (JSON.parse(text) as { codes: number[] }).codes.length, 0);
  if (sum !== backends * codes.length) throw new Error('The reference went wrong.');
  return performance.now() - since;
}

let found = 0;
function once(round: number): number {
  const since = performance.now();
  const model = makeModel(probed, { base, changes: draftOf(round) }, settingsOf(probed.instance, draftOf(round)));
  found += model.plan.findings.length + model.verdicts.size;
  return performance.now() - since;
}

for (let round = 0; round < 50; round += 1) once(round);
const times = Array.from({ length: rounds }, (_, round) => once(round));
const references = Array.from({ length: rounds }, reference);
if (found < rounds * backends) throw new Error('The model has too few verdicts.');
const name = `diff, lint and verdicts, ${backends} backends x ${suites} suites`;
printSeries(times, { name, unit: 'ms', goal: '<= 5' });
printFigure({
  name: `${name}, in terms of ${backends} small JSON round trips`,
  value: quantile(times, 0.5) / quantile(references, 0.5),
  unit: 'times',
});
