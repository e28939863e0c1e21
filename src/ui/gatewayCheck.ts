// A look at an instance's own gateway after a change, for the closing sentence.

import { l10n } from 'vscode';
import type { Instance } from '../core/instance.ts';
import type { Endpoint, Survey } from '../core/tls/evidence.ts';
import { protocolLabel, protocolVersions } from '../core/tls/protocols.ts';
import { readSettings } from '../core/tls/settings.ts';
import type { Connection } from './connection.ts';
import type { Surveys } from './surveys.ts';

/** The host names of the gateway itself: the default one and custom ones of type Proxy. */
export function gatewayEndpoints(instance: Instance): Endpoint[] {
  const names = instance.hosts.filter((host) => host.type === 'Proxy').map((host) => host.hostName.toLowerCase());
  if (instance.gatewayUrl !== null) {
    const host = /^https?:\/\/([^/:]+)/i.exec(instance.gatewayUrl)?.[1];
    if (host) names.push(host.toLowerCase());
  }
  return [...new Set(names)].map((host) => ({ host, port: 443 }));
}

/** Probes the gateway's own hosts; what is seen is kept. */
export async function probeGateway(
  world: { readonly surveys: Surveys; readonly connection: () => Promise<Connection> },
  instance: Instance,
): Promise<readonly Survey[]> {
  const endpoints = gatewayEndpoints(instance);
  const connection = await world.connection();
  const { surveyAll } = await import('../probe/survey.ts');
  return surveyAll(endpoints, null, (survey) => world.surveys.put(survey), connection.probeOptions());
}

/** What was seen of the gateway, in one sentence; empty where nothing was looked at. */
export function gatewaySentence(instance: Instance, surveys: readonly Survey[]): string {
  if (surveys.length === 0) return '';
  const seen = surveys.filter((survey) => survey.behaviour === 'tls');
  if (seen.length === 0) return l10n.t('The gateway cannot be reached from here, so its behaviour was not seen.');
  const states = readSettings(instance);
  const off = protocolVersions.filter((version) => states[`client.${version}`].value === 'off');
  const stillAccepted = off.filter((version) => seen.some((survey) => survey.protocols[version] === 'yes'));
  if (stillAccepted.length > 0) {
    return l10n.t(
      'The gateway still accepts {0}; it can take some minutes until all regions have changed.',
      stillAccepted.map((v) => protocolLabel[v]).join(', '),
    );
  }
  const refused = off.filter((version) => seen.every((survey) => survey.protocols[version] === 'no'));
  return refused.length === 0
    ? ''
    : l10n.t('The gateway was seen to refuse {0}.', refused.map((v) => protocolLabel[v]).join(', '));
}
