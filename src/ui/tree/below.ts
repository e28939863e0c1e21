// Rows that are read from Azure when their parent is opened: backends, host names, self-hosted gateways, workspaces.

import { l10n } from 'vscode';
import type { GatewayConnection, SelfHostedGateway, SelfHostedHost } from '../../azure/access.ts';
import { unreadableText } from '../../core/failureText.ts';
import { asksInHandshake } from '../../core/gatewayNames.ts';
import type { Instance, WorkspaceGateway } from '../../core/instance.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import { failureText } from '../errors.ts';
import type { Services } from '../services.ts';
import { nodeId } from './nodes.ts';
import type { Node } from './nodes.ts';

function message(parent: string, name: string, text: string, problem = false): Node {
  return { kind: 'message', parent: name === '' ? parent : `${parent}/${name}`, text, problem };
}

/** What `read` gives, or one row that says why there is nothing. */
async function orProblem(parent: string, read: () => Promise<Node[]>): Promise<Node[]> {
  try {
    return await read();
  } catch (error) {
    return [message(parent, '', failureText(error), true)];
  }
}

export function backendNodes(instance: Instance, services: Services): Promise<Node[]> {
  const parent = nodeId({ kind: 'section', instance, section: 'backends' });
  return orProblem(parent, async () => {
    const { azure } = await services.connection();
    const { hosts, unreadable } = await readBackendHosts(azure, instance.id);
    const rows: Node[] = hosts.map(({ host, port, scheme, usedBy }) => ({
      kind: 'host',
      instance,
      role: 'backend',
      host,
      port,
      unprobed: scheme === 'http' ? l10n.t('plain HTTP, no TLS') : l10n.t('not probed yet'),
      tooltip: usedBy.map((use) => `${use.title}: ${use.url}`),
      tls: scheme === 'https',
    }));
    const odd = unreadable.map((one) => message(parent, one.title, unreadableText(one), true));
    if (rows.length + odd.length === 0) return [message(parent, '', l10n.t('This instance has no backends'))];
    return [...rows, ...odd];
  });
}

export function hostNodes(instance: Instance): Node[] {
  return instance.hosts.map((host) => ({
    kind: 'host',
    instance,
    role: 'gateway',
    host: host.hostName.toLowerCase(),
    port: 443,
    unprobed: host.type === 'Proxy' ? l10n.t('gateway, not probed yet') : host.type,
    tooltip: [
      host.type,
      host.certificateExpiry === null
        ? l10n.t('certificate end not stated')
        : l10n.t('certificate ends {0}', host.certificateExpiry.slice(0, 10)),
      asksInHandshake(instance, host)
        ? l10n.t('asks for a client certificate in the handshake')
        : l10n.t('does not ask for a client certificate in the handshake'),
    ],
    tls: true,
  }));
}

export function selfHostedNodes(instance: Instance, services: Services): Promise<Node[]> {
  const parent = nodeId({ kind: 'section', instance, section: 'selfHosted' });
  return orProblem(parent, async () => {
    const { azure } = await services.connection();
    const gateways = await azure.readSelfHosted(instance.id);
    if (gateways.length === 0) return [message(parent, '', l10n.t('This instance has no self-hosted gateways'))];
    return gateways.map((gateway): Node => ({ kind: 'selfHosted', instance, gateway }));
  });
}

export function selfHostedHostNodes(instance: Instance, gateway: SelfHostedGateway): Node[] {
  const parent = nodeId({ kind: 'selfHosted', instance, gateway });
  return [
    ...gateway.hosts.map((host) => message(parent, host.hostName, selfHostedHostText(host))),
    message(parent, '', l10n.t('Its other versions and its cipher suites are settings of its container')),
  ];
}

function selfHostedHostText(host: SelfHostedHost): string {
  const flag = (name: string, value: boolean | null) =>
    value === null ? l10n.t('{0} not stated', name) : value ? l10n.t('{0} on', name) : l10n.t('{0} off', name);
  const asks =
    host.negotiateClientCertificate === true
      ? l10n.t('asks for a client certificate')
      : host.negotiateClientCertificate === false
        ? l10n.t('does not ask for a client certificate')
        : l10n.t('client certificates not stated');
  const flags = [flag('TLS 1.0', host.tls10), flag('TLS 1.1', host.tls11), flag('HTTP/2', host.http2)];
  return `${host.hostName}: ${[...flags, asks].join(', ')}`;
}

/** What a workspace gateway serves, and that its TLS cannot be told. */
export function workspaceNodes(gateway: WorkspaceGateway, services: Services): Promise<Node[]> {
  const parent = nodeId({ kind: 'gateway', gateway });
  return orProblem(parent, async () => {
    const { azure } = await services.connection();
    const connections = await azure.readGatewayConnections(gateway.id);
    return [
      ...connections.map((connection, index) => message(parent, String(index), connectionText(connection))),
      ...(connections.length === 0 ? [message(parent, 'none', l10n.t('It serves no workspace'))] : []),
      message(
        parent,
        '',
        l10n.t('Azure does not state the TLS settings of workspace gateways, and they cannot be changed'),
      ),
    ];
  });
}

function connectionText({ workspace, instanceName, hostNames }: GatewayConnection): string {
  const where = instanceName === '' ? workspace : l10n.t('Workspace {0} of {1}', workspace, instanceName);
  return hostNames.length === 0 ? where : `${where}: ${hostNames.join(', ')}`;
}
