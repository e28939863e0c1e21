// Connectivity checks of one editor panel: hosts that the user asks about, a few at a time.

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
  cancel(): void;
  dispose(): void;
}

/** The service answers slowly, and counts what it is asked. */
const atOnce = 2;

/** @param changed called whenever the view says something else */
export function openConnectivity(services: Services, instanceId: string, changed: () => void): PanelConnectivity {
  const running = new Set<string>();
  const problems = new Map<string, string>();
  let work = new AbortController();
  const subscription = services.connectivity.onDidChange((id) => void (sameId(id, instanceId) && changed()));

  async function checkOne(instance: Instance, host: BackendHost, signal: AbortSignal): Promise<void> {
    const key = hostAndPort(host);
    try {
      if (!signal.aborted) await services.connectivity.check(await services.connection(), instance, host, signal);
    } catch (error) {
      if (isCancelled(error)) return;
      problems.set(key, failureText(error));
      services.log.error(`Connectivity check of ${key} by ${instance.name}: ${failureText(error)}`);
    } finally {
      running.delete(key);
      changed();
    }
  }

  return {
    view: () => {
      const found = services.connectivity.of(instanceId);
      const hosts = new Set([...found.keys(), ...running, ...problems.keys()]);
      return Object.fromEntries(
        [...hosts].map((host): [string, ConnectivityView] => [
          host,
          { found: found.get(host) ?? null, running: running.has(host), problem: problems.get(host) ?? '' },
        ]),
      );
    },
    check: async (instance, hosts) => {
      const wanted = hosts.filter((host) => !running.has(hostAndPort(host)));
      for (const host of wanted) {
        running.add(hostAndPort(host));
        problems.delete(hostAndPort(host));
      }
      changed();
      const { signal } = work;
      await inParallel(wanted, atOnce, (host) => checkOne(instance, host, signal));
    },
    cancel: () => {
      work.abort();
      work = new AbortController();
    },
    dispose: () => {
      work.abort();
      subscription.dispose();
    },
  };
}
