// Further paths of backends: which ones, and what requests for them meet. One path of a host after the other.

import type { Azure } from '../azure/access.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, Instance } from '../core/instance.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { withPath, withUnknownPaths } from '../core/tls/paths.ts';
import type { ProbePath } from '../core/tls/paths.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { backendPath } from './backendUrl.ts';
import type { Probe } from './checkSettings.ts';
import { readOperationPaths } from './operationPaths.ts';
import type { OperationPaths } from './operationPaths.ts';
import type { BackendReading } from './readBackendHosts.ts';

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
  /** What the backends were made of; null: they could not be read. */
  readonly reading: BackendReading | null;
}

/**
 * GET requests for paths of operations, the busiest first, of hosts that may come to speak TLS 1.3. `onSurvey` gets the
 * survey of the host with the operations whose paths are not known, and then with one path more each time. Ends early where
 * the signal is aborted.
 */
export async function askPaths(input: PathsInput, known: Known, onSurvey: (survey: Survey) => void): Promise<void> {
  const { probe, signal, pathsPerHost = 0 } = input;
  const open = (known.backends ?? []).filter((host) => matters(host, known.surveys[hostAndPort(host)]));
  if (open.length === 0) return;
  const wanted = new Set(open.map(hostAndPort));
  const { azure } = input;
  const operations =
    known.reading === null
      ? new Map<string, OperationPaths>()
      : await readOperationPaths(azure, known.instance.id, known.reading, wanted, signal);
  const queues = open.map((host) => ({ host, paths: pathsOf(host, operations).slice(0, pathsPerHost) }));
  const surveys = new Map<string, Survey>();
  for (const key of wanted) {
    const survey = known.surveys[key];
    if (survey === undefined || signal?.aborted) continue;
    const told = withUnknownPaths(survey, known.instance.name, operations.get(key)?.unknown ?? []);
    surveys.set(key, told);
    if (told !== survey) onSurvey(told);
  }
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
export function pathsOf(
  host: BackendHost,
  operations: ReadonlyMap<string, Pick<OperationPaths, 'paths'>>,
): ProbePath[] {
  const logged = (host.seen?.calls ?? []).flatMap(({ path }): ProbePath[] =>
    path === '' ? [] : [{ path, source: 'log' }],
  );
  const all = [...logged, ...(operations.get(hostAndPort(host))?.paths ?? [])];
  const asked = new Set([backendPath(host)]);
  return all.filter(({ path }) => !asked.has(path) && asked.add(path));
}
