// Connectivity checks of one editor panel: hosts that the user asks about, a few at a time.

import type { HostConnectivity } from '../../core/connectivity.ts';
import type { BackendHost, Instance } from '../../core/instance.ts';
import { hostAndPort, sameId } from '../../core/instance.ts';
import { inParallel } from '../../core/parallel.ts';
import type { ConnectivityView } from '../../messages/editor.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';

export interface PanelConnectivity {
  /** By `hostAndPort`. */
  view(): Readonly<Record<string, ConnectivityView>>;
  /** Hosts that are being asked for are left alone. Failures become part of the view. */
  check(instance: Instance, hosts: readonly BackendHost[]): Promise<void>;
  /** At once: what still comes is not taken. */
  cancel(): void;
  dispose(): void;
}

/** The service answers slowly, and counts what it is asked. */
const atOnce = 2;

/** @param changed called whenever the view says something else */
export function openConnectivity(services: Services, instanceId: string, changed: () => void): PanelConnectivity {
  /** By `hostAndPort`, with the signal that ends it. */
  const running = new Map<string, AbortSignal>();
  const problems = new Map<string, { readonly text: string; readonly at: string }>();
  let work = new AbortController();
  const subscription = services.connectivity.onDidChange((id) => void (sameId(id, instanceId) && changed()));

  async function checkOne(instance: Instance, host: BackendHost, signal: AbortSignal): Promise<void> {
    const key = hostAndPort(host);
    try {
      if (!signal.aborted) await services.connectivity.check(await services.connection(), instance, host, signal);
    } catch (error) {
      if (isCancelled(error)) return;
      problems.set(key, { text: failureText(error), at: new Date().toISOString() });
      services.log.error(`Connectivity check of ${key} by ${instance.name}: ${failureText(error)}`);
    } finally {
      if (running.get(key) === signal) running.delete(key);
      changed();
    }
  }

  /** What has been told since is newer than the problem. */
  const problemOf = (host: string, found: HostConnectivity | null) => {
    const problem = problems.get(host);
    return problem === undefined || (found !== null && found.at > problem.at) ? '' : problem.text;
  };

  return {
    view: () => {
      const found = services.connectivity.of(instanceId);
      const hosts = new Set([...found.keys(), ...running.keys(), ...problems.keys()]);
      return Object.fromEntries(
        [...hosts].map((host): [string, ConnectivityView] => {
          const known = found.get(host) ?? null;
          return [host, { found: known, running: running.has(host), problem: problemOf(host, known) }];
        }),
      );
    },
    check: async (instance, hosts) => {
      const wanted = hosts.filter((host) => !running.has(hostAndPort(host)));
      const { signal } = work;
      for (const host of wanted) {
        running.set(hostAndPort(host), signal);
        problems.delete(hostAndPort(host));
      }
      changed();
      await inParallel(wanted, atOnce, (host) => checkOne(instance, host, signal));
    },
    cancel: () => {
      work.abort();
      work = new AbortController();
      running.clear();
      changed();
    },
    dispose: () => {
      work.abort();
      subscription.dispose();
    },
  };
}
