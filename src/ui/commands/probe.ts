// Probing from the palette and the tree: one host, the backends of instances, the gateways of instances.

import { l10n, window } from 'vscode';
import { hostAndPort } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import type { Endpoint } from '../../core/tls/evidence.ts';
import { surveyHeadline } from '../../core/surveyText.ts';
import { backendPath } from '../../flows/backendUrl.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import { parseTarget } from '../../probe/target.ts';
import type { TargetProblem } from '../../probe/target.ts';
import { showSurvey } from '../documents.ts';
import { showFailure, told } from '../errors.ts';
import { gatewayEndpoints } from '../gatewayCheck.ts';
import type { Services } from '../services.ts';
import { probeWithProgress } from '../surveys.ts';

/** Why a typed host or URL cannot be probed, and what to type instead. */
export function targetProblemText(code: TargetProblem | 'plainHttp'): string {
  switch (code) {
    case 'plainHttp':
      return l10n.t('An http:// address has no TLS. Type https://, or host:port to probe it all the same.');
    case 'spaces':
      return l10n.t('A host or URL has no spaces.');
    case 'empty':
      return l10n.t('Type a host name, an address or a URL.');
    case 'port':
      return l10n.t('The port must be a number from 1 to 65535.');
    case 'scheme':
      return l10n.t('Only https:// addresses can be probed for TLS.');
    case 'credentials':
      return l10n.t('Leave user name and password out of the address.');
    case 'host':
      return l10n.t('This is not a valid host name or address.');
    default:
      return l10n.t('This is not a valid host, host:port or URL. Example: api.contoso.com:8443');
  }
}

function endpointOf(target: unknown): Endpoint | undefined {
  if (typeof target !== 'object' || target === null || !('kind' in target) || target.kind !== 'host') return undefined;
  const { host, port } = target as unknown as Endpoint;
  return { host, port };
}

/** A server, and what to request of it. */
interface ProbeTarget {
  readonly endpoint: Endpoint;
  readonly path: string;
}

type Typed = ProbeTarget | { readonly problem: string };

function readTarget(text: string): Typed {
  const parsed = parseTarget(text);
  if (!parsed.ok) return { problem: targetProblemText(parsed.code) };
  return parsed.scheme === 'http' ? { problem: targetProblemText('plainHttp') } : parsed;
}

async function askForHost(): Promise<ProbeTarget | undefined> {
  const text = await window.showInputBox({
    title: l10n.t('Probe host'),
    prompt: l10n.t('Host, host:port or URL'),
    placeHolder: 'api.contoso.com:443',
    ignoreFocusOut: true,
    validateInput: (value) => {
      const read = readTarget(value);
      return 'problem' in read && value !== '' ? read.problem : undefined;
    },
  });
  return text === undefined ? undefined : targetIn(text);
}

function targetIn(text: string): ProbeTarget {
  const read = readTarget(text);
  if ('problem' in read) throw told(read.problem);
  return read;
}

export async function probeHost(services: Services, target: unknown): Promise<void> {
  const row = endpointOf(target);
  const chosen =
    typeof target === 'string' ? targetIn(target) : row ? { endpoint: row, path: '/' } : await askForHost();
  if (chosen) await probeInDepth(services, chosen);
}

/** Everything about one server; the request by which renegotiation is looked for is for this path. */
export async function probeInDepth(services: Services, { endpoint, path }: ProbeTarget): Promise<void> {
  const connection = await services.connection().catch(() => undefined);
  const title = l10n.t('Probing {0}', hostAndPort(endpoint));
  const how = { depth: 'full', path } as const;
  const [survey] = await probeWithProgress(services.surveys, connection, title, [endpoint], how);
  if (survey && survey.behaviour !== 'cancelled') await showSurvey(survey);
}

export async function probeBackends(services: Services, instances: readonly Instance[]): Promise<void> {
  const connection = await services.connection();
  const read = await Promise.allSettled(instances.map(({ id }) => readBackendHosts(connection.azure, id)));
  const refused = read.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (refused.length === instances.length) throw refused[0];
  // The others are probed all the same.
  if (refused.length > 0) void showFailure(refused[0], services.log);
  const hosts = read
    .flatMap((one) => (one.status === 'fulfilled' ? one.value.hosts : []))
    .filter((host) => host.scheme === 'https')
    .map((backend) => ({ host: backend.host, port: backend.port, path: backendPath(backend) }));
  await probeAll(services, instances, hosts, l10n.t('Probing backends'));
}

export async function probeGateways(services: Services, instances: readonly Instance[]): Promise<void> {
  await probeAll(services, instances, instances.flatMap(gatewayEndpoints), l10n.t('Probing gateway'));
}

async function probeAll(
  services: Services,
  instances: readonly Instance[],
  found: readonly Endpoint[],
  title: string,
): Promise<void> {
  const names = instances.map(({ name }) => name).join(', ');
  const endpoints = [...new Map(found.map((endpoint) => [hostAndPort(endpoint), endpoint])).values()];
  if (endpoints.length === 0) {
    void window.showInformationMessage(l10n.t('{0}: there is no host to probe.', names));
    return;
  }
  const surveys = await probeWithProgress(services.surveys, await services.connection(), title, endpoints, {
    depth: 'full',
  });
  const seen = surveys.filter(({ behaviour }) => behaviour !== 'cancelled');
  if (seen.length === 0) return;
  if (seen.length === 1 && seen[0]) return showSurvey(seen[0]);
  const picked = await window.showQuickPick(
    seen.map((survey) => ({ label: hostAndPort(survey.endpoint), description: surveyHeadline(survey), survey })),
    { title: l10n.t('{0}: {1} hosts probed. Choose one for details.', names, seen.length), matchOnDescription: true },
  );
  if (picked) await showSurvey(picked.survey);
}
