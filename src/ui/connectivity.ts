// Whether gateways reach their hosts: what the services' own checks have said in this window.

import { EventEmitter } from 'vscode';
import type { HostConnectivity } from '../core/connectivity.ts';
import { ArmError } from '../core/failure.ts';
import { idKey } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import { checkHostConnectivity } from '../flows/checkConnectivity.ts';
import type { Connection } from './connection.ts';

export class ConnectivityChecks {
  readonly #changed = new EventEmitter<string>();
  /** Fires with the id of the instance. */
  readonly onDidChange = this.#changed.event;
  #cleared = 0;
  /** By `idKey` of the instance, then by `hostAndPort`. */
  readonly #found = new Map<string, Map<string, HostConnectivity>>();

  of(instanceId: string): ReadonlyMap<string, HostConnectivity> {
    return this.#found.get(idKey(instanceId)) ?? new Map<string, HostConnectivity>();
  }

  /** Asks the service and keeps what it says. Rejects where nothing can be told. */
  async check(
    { azure }: Connection,
    instance: Instance,
    { host, port }: { readonly host: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<HostConnectivity> {
    const before = this.#cleared;
    const found = await checkHostConnectivity({ azure, instance, host, port, now: () => new Date(), signal });
    // What comes after the end of it is nobody's.
    if (signal.aborted || before !== this.#cleared) throw new ArmError({ code: 'cancelled' });
    const known = this.#found.get(idKey(instance.id)) ?? new Map<string, HostConnectivity>();
    this.#found.set(idKey(instance.id), known.set(found.host, found));
    this.#changed.fire(instance.id);
    return found;
  }

  clear(): void {
    this.#cleared += 1;
    this.#found.clear();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
