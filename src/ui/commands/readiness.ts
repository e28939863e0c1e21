// Readiness for TLS 1.3 of one or several instances, gathered anew, as one document.

import { ProgressLocation, l10n, window, workspace } from 'vscode';
import { failureSentence } from '../../core/failureText.ts';
import type { Instance } from '../../core/instance.ts';
import { inParallel } from '../../core/parallel.ts';
import { readiness } from '../../core/tls/readiness.ts';
import { readinessDocument } from '../../core/tls/readinessText.ts';
import type { InstanceReadiness } from '../../core/tls/readinessText.ts';
import { readReadiness } from '../../flows/readReadiness.ts';
import type { ReadinessPart } from '../../flows/readReadiness.ts';
import { abortOn } from '../cancellation.ts';
import { hostsAtOnce } from '../config.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import { instancesFor } from './pick.ts';
import type { Target } from './pick.ts';

const instancesAtOnce = 3;
const days = 30;

function partText(part: ReadinessPart): string {
  const texts: Readonly<Record<ReadinessPart, string>> = {
    backends: l10n.t('Backends were not read'),
    seen: l10n.t('Backends in the logs were not read'),
    renegotiations: l10n.t('Operations that ask for client certificates were not read'),
    traffic: l10n.t('Logs of callers were not read'),
    selfHosted: l10n.t('Self-hosted gateways were not read'),
  };
  return texts[part];
}

export async function showReadiness(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<void> {
  const instances = await instancesFor(services, target, selection);
  if (instances.length === 0) return;
  const { ready, failed } = await gather(services, instances);
  const title = instances.length === 1 ? (instances[0]?.name ?? '') : l10n.t('{0} instances', instances.length);
  const text = readinessDocument(ready, failed, new Date().toISOString());
  const uri = services.documents.add(`${title}/tls13-readiness.md`, text);
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
}

interface Gathered {
  readonly ready: readonly InstanceReadiness[];
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
}

function gather(services: Services, instances: readonly Instance[]): Thenable<Gathered> {
  const title =
    instances.length === 1
      ? l10n.t('TLS 1.3 readiness of {0}', instances[0]?.name ?? '')
      : l10n.t('TLS 1.3 readiness of {0} instances', instances.length);
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const connection = await services.connection();
      const probe = await import('../../probe/survey.ts');
      const signal = abortOn(token);
      const counts = new Map<string, { done: number; total: number }>();
      const failed: { name: string; problem: string }[] = [];
      const found = await inParallel(instances, instancesAtOnce, async ({ id, name }) => {
        try {
          const options = { ...connection.probeOptions(), atOnce: Math.ceil(hostsAtOnce() / instancesAtOnce) };
          const reading = await readReadiness({
            azure: connection.azure,
            probe,
            instanceId: id,
            days,
            probeOptions: options,
            signal,
            onProgress: (count) => {
              counts.set(id, count);
              const sum = (which: 'done' | 'total') => [...counts.values()].reduce((all, one) => all + one[which], 0);
              progress.report({ message: l10n.t('{0} of {1} hosts', sum('done'), sum('total')) });
            },
          });
          for (const survey of Object.values(reading.input.surveys)) services.surveys.put(survey);
          const problems = reading.failures.map(({ part, why }) => `${partText(part)}: ${failureSentence(why)}`);
          return [{ input: reading.input, sides: readiness(reading.input), problems }];
        } catch (error) {
          if (isCancelled(error)) throw error;
          failed.push({ name, problem: failureText(error) });
          return [];
        }
      });
      return { ready: found.flat(), failed };
    },
  );
}
