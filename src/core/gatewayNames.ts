// The host names under which a gateway answers its callers. Portal, management and the like are other servers, to which
// its TLS settings do not apply.

import type { GatewayHost, Instance } from './instance.ts';
import { tierRules } from './tls/tiers.ts';

export interface GatewayName {
  /** In lower case. */
  readonly host: string;
  /** default: the built-in name. custom: of the owner's, which may lead to something in front of the gateway. */
  readonly kind: 'default' | 'custom' | 'regional';
  /** Such as westeurope; null for a name that leads to whichever region is near. */
  readonly region: string | null;
}

/** Every name once: custom ones, the built-in one, and those of regions where the gateway is on. */
export function gatewayNames(
  instance: Pick<Instance, 'hosts' | 'gatewayUrl' | 'regionalHosts' | 'location' | 'otherRegions'>,
): readonly GatewayName[] {
  const builtIn = hostOf(instance.gatewayUrl);
  const names = instance.hosts
    .filter(({ type }) => type.toLowerCase() === 'proxy')
    .map(({ hostName }) => hostName.toLowerCase())
    .filter((host) => host !== '');
  const region = instance.otherRegions.length === 0 && instance.location !== '' ? instance.location : null;
  const regional = (instance.regionalHosts ?? []).filter(({ disabled }) => !disabled);
  const all: GatewayName[] = [
    ...names.map((host): GatewayName => ({ host, kind: host === builtIn ? 'default' : 'custom', region })),
    ...(builtIn === null ? [] : [{ host: builtIn, kind: 'default' as const, region }]),
    ...regional.map((one): GatewayName => ({ host: one.hostName, kind: 'regional', region: one.region })),
  ];
  return all.filter(({ host }, index) => all.findIndex((other) => other.host === host) === index);
}

type OfTier = Pick<Instance, 'tier' | 'enableClientCertificate'>;

/** The instance asks every caller for a certificate in the first handshake: Consumption only, other tiers refuse it. */
export function asksEveryCaller({ tier, enableClientCertificate }: OfTier): boolean {
  return enableClientCertificate === true && tierRules(tier).family === 'consumption';
}

/** Whether callers by a host name are asked for a certificate in the first handshake. */
export function asksInHandshake(instance: OfTier, host: Pick<GatewayHost, 'negotiateClientCertificate'>): boolean {
  return host.negotiateClientCertificate || asksEveryCaller(instance);
}

function hostOf(url: string | null): string | null {
  const host = /^https?:\/\/([^/:]+)/i.exec(url ?? '')?.[1];
  return host === undefined ? null : host.toLowerCase();
}
