// The last two surveys of each host that this window has probed, and the probing itself.

import { EventEmitter, ProgressLocation, l10n, window } from 'vscode';
import { hostAndPort } from '../core/instance.ts';
import type { Endpoint, Offer, Survey } from '../core/tls/evidence.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import type { Connection } from './connection.ts';
import { defaultProbeOptions, hostsAtOnce } from './config.ts';
import { abortOn } from './cancellation.ts';

export class Surveys {
  readonly #changed = new EventEmitter<string>();
  /** Fires with `hostAndPort`. */
  readonly onDidChange = this.#changed.event;
  readonly #byHost = new Map<string, Survey>();
  readonly #before = new Map<string, Survey>();

  get(host: string): Survey | undefined {
    return this.#byHost.get(host);
  }

  /** The survey before the last one. */
  before(host: string): Survey | undefined {
    return this.#before.get(host);
  }

  put(survey: Survey): void {
    const host = hostAndPort(survey.endpoint);
    const last = this.#byHost.get(host);
    // The same look at it, with more in it, is no other survey.
    if (last && last.at !== survey.at) this.#before.set(host, last);
    this.#byHost.set(host, survey);
    this.#changed.fire(host);
  }

  of(hosts: readonly string[]): Record<string, Survey> {
    return Object.fromEntries(
      hosts.flatMap((host) => {
        const survey = this.#byHost.get(host);
        return survey ? [[host, survey]] : [];
      }),
    );
  }

  clear(): void {
    this.#byHost.clear();
    this.#before.clear();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Probes the endpoints with progress and cancel; every survey is kept as it comes in. */
export async function probeWithProgress(
  surveys: Surveys,
  connection: Connection | undefined,
  title: string,
  endpoints: readonly Endpoint[],
  more: Pick<ProbeOptions, 'depth' | 'path'> & { readonly planned?: Offer | null } = {},
): Promise<readonly Survey[]> {
  const { surveyAll } = await import('../probe/survey.ts');
  const { planned = null, ...options } = more;
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      let done = 0;
      progress.report({ message: l10n.t('0 of {0} hosts', endpoints.length) });
      return surveyAll(
        endpoints,
        planned,
        (survey) => {
          if (survey.behaviour === 'cancelled') return;
          surveys.put(survey);
          done += 1;
          progress.report({
            message: l10n.t('{0} of {1} hosts', done, endpoints.length),
            increment: 100 / endpoints.length,
          });
        },
        {
          ...(connection?.probeOptions() ?? defaultProbeOptions()),
          ...options,
          signal: abortOn(token),
          atOnce: hostsAtOnce(),
        },
      );
    },
  );
}
