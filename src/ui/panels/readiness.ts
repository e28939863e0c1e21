// The probes that readiness for TLS 1.3 goes by, for one editor panel.

import type { BackendHost, Instance } from '../../core/instance.ts';
import { probeFor13 } from '../../flows/readReadiness.ts';
import { hostsAtOnce } from '../config.ts';
import type { Services } from '../services.ts';

export async function probeBackendsFor13(
  services: Services,
  { instance, backends }: { readonly instance: Instance; readonly backends: readonly BackendHost[] },
  signal: AbortSignal,
  onProgress: (progress: { readonly done: number; readonly total: number }) => void,
): Promise<void> {
  const connection = await services.connection();
  const probe = await import('../../probe/survey.ts');
  const options = { ...connection.probeOptions(), atOnce: hostsAtOnce() };
  await probeFor13({ probe, probeOptions: options, signal, instance, backends, onProgress }, (survey) =>
    services.surveys.put(survey),
  );
}
