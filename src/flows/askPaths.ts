// Further paths of backends: which ones, and what requests for them meet. One path of a host after the other.

import type { Azure, OperationEntity } from '../azure/access.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, BackendUse, Instance } from '../core/instance.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { withPath } from '../core/tls/paths.ts';
import type { ProbePath } from '../core/tls/paths.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { backendPath } from './backendUrl.ts';
import type { Probe } from './checkSettings.ts';

interface PathsInput {
  readonly azure: Azure;
  readonly probe: Probe;
  readonly probeOptions?: Omit<ProbeOptions, 'signal'> & { readonly atOnce?: number };
  readonly pathsPerHost?: number;
  readonly signal?: AbortSignal;
}

interface Known {
  readonly instance: Instance;
  readonly backends: readonly BackendHost[] | null;
  readonly surveys: Readonly<Record<string, Survey>>;
}

/**
 * GET requests for paths of operations, the busiest first, of hosts that may come to speak TLS 1.3. `onSurvey` gets the
 * survey of the host with one path more. Ends early where the signal is aborted.
 */
export async function askPaths(input: PathsInput, known: Known, onSurvey: (survey: Survey) => void): Promise<void> {
  const { probe, signal, pathsPerHost = 0 } = input;
  const open = (known.backends ?? []).filter((host) => matters(host, known.surveys[hostAndPort(host)]));
  if (open.length === 0) return;
  const operations = await readOperationPaths(input, known.instance, open);
  const queues = open.map((host) => ({ host, paths: pathsOf(host, operations).slice(0, pathsPerHost) }));
  const surveys = new Map(open.map((host) => [hostAndPort(host), known.surveys[hostAndPort(host)]]));
  for (let round = 0; round < pathsPerHost && !signal?.aborted; round += 1) {
    const asked = queues.flatMap(({ host, paths }) => {
      const path = paths[round];
      return path ? [{ host, path }] : [];
    });
    if (asked.length === 0) return;
    const byHost = new Map(asked.map(({ host, path }) => [hostAndPort(host), path]));
    await probe.surveyAll(
      asked.map(({ host: { host, port }, path: { path } }) => ({ host, port, path })),
      null,
      (answer) => {
        const key = hostAndPort(answer.endpoint);
        const [survey, path] = [surveys.get(key), byHost.get(key)];
        if (answer.behaviour === 'cancelled' || signal?.aborted || !survey || !path) return;
        const more = withPath(survey, path, answer);
        surveys.set(key, more);
        onSurvey(more);
      },
      // Versions are known; what is wanted is the request.
      { ...input.probeOptions, depth: 'versions', ...(signal ? { signal } : {}) },
    );
  }
}

/** A host that asks before there is a request, or that has no TLS 1.3 and will not meet it, does not matter. */
function matters({ scheme }: BackendHost, survey: Survey | undefined): boolean {
  return (
    scheme === 'https' &&
    survey?.behaviour === 'tls' &&
    survey.protocols.tls13 !== 'no' &&
    survey.clientCertificate.inHandshake !== 'required'
  );
}

/** Paths of a host: those that the logs have, busiest first, then those of operations. None of them twice. */
export function pathsOf(host: BackendHost, operations: ReadonlyMap<string, readonly ProbePath[]>): ProbePath[] {
  const logged = (host.seen?.calls ?? []).flatMap(({ path }): ProbePath[] =>
    path === '' ? [] : [{ path, source: 'log' }],
  );
  const all = [...logged, ...(operations.get(hostAndPort(host)) ?? [])];
  const asked = new Set([backendPath(host)]);
  return all.filter(({ path }) => !asked.has(path) && asked.add(path));
}

/** Operations of so many APIs are read at most, to spare Azure; logs tell of the busy ones anyhow. */
const mostApis = 100;

/** By `hostAndPort`. An API whose operations cannot be read has none here. */
async function readOperationPaths(
  { azure, signal }: PathsInput,
  { id }: Instance,
  hosts: readonly BackendHost[],
): Promise<ReadonlyMap<string, readonly ProbePath[]>> {
  const led = hosts.flatMap((host) => host.usedBy.flatMap((use) => ledFrom(hostAndPort(host), use) ?? []));
  const names = [...new Set(led.map(({ api }) => api))].slice(0, mostApis);
  if (names.length === 0) return new Map();
  const operations = await azure.readOperationsOf(id, names, signal ? { signal } : {});
  const found = new Map<string, ProbePath[]>();
  for (const { host, url, api, operation } of led) {
    const own = (operations.get(api) ?? []).filter(({ name }) => operation === null || name === operation);
    found.set(host, [...(found.get(host) ?? []), ...operationPaths(url, own)]);
  }
  return found;
}

/** The API, or the one operation of it, that calls a host; null where something else does. */
function ledFrom(host: string, { kind, id, url, isRequest }: BackendUse) {
  const [, api, operation = null] = /\/apis\/([^/]+)(?:\/operations\/([^/]+))?$/i.exec(id) ?? [];
  return api === undefined || isRequest || (kind !== 'api' && kind !== 'policy') ? null : { host, url, api, operation };
}

/**
 * What the gateway would request for each GET operation: the path of the backend's address and the template, cut before its
 * first parameter or wildcard, as no value can be made up that is sure to do no harm. Policies may rewrite it.
 */
export function operationPaths(
  url: string,
  operations: readonly Pick<OperationEntity, 'method' | 'urlTemplate'>[],
): ProbePath[] {
  const base = (URL.parse(url)?.pathname ?? '/').replace(/\/+$/, '');
  return operations
    .filter(({ method }) => method.toUpperCase() === 'GET')
    .map(({ urlTemplate }): ProbePath => {
      const template = urlTemplate.replace(/[?#].*$/s, '');
      const fixed = /^[^{*]*/.exec(template)?.[0] ?? '';
      const whole = fixed.length === template.length;
      // Half a segment is no path: "/items({id})" becomes "/".
      const kept = whole ? fixed : fixed.replace(/[^/]*$/, '');
      const path = `${base}${kept.startsWith('/') ? '' : '/'}${kept}`;
      return { path, source: whole ? 'operation' : 'cut' };
    });
}
