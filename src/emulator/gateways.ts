// One real TLS listener per instance, which obeys the settings that are in force at the moment.

import type { CustomProperties } from '../core/instance.ts';
import { protocolVersions } from '../core/tls/protocols.ts';
import { readSettings, suitesOn, versionsOf } from '../core/tls/settings.ts';
import type { Authority, KeyPair } from './certificate.ts';
import { greeting, readRequest, reply } from './httpReply.ts';
import type { Listener } from './listener.ts';
import { gatewayHosts, regionalHost } from './model.ts';
import type { SampleService } from './model.ts';
import { openTlsListener } from './tlsListener.ts';

export interface NamedListener extends Listener {
  /** Host names with port, in lower case. */
  readonly hosts: readonly string[];
}

export interface GatewayWish {
  readonly services: readonly SampleService[];
  readonly mapOf: (service: SampleService, behindMs?: number) => CustomProperties | null;
  readonly authority: Authority;
  readonly rsa: KeyPair;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const day = 24 * 3_600_000;

/** Towards clients: versions, and suites best first. */
export function effectiveRules(service: SampleService, map: CustomProperties) {
  const states = readSettings({ ...service, customProperties: map });
  const values = versionsOf(states, 'client');
  // Where the map is silent, the platform decides on TLS 1.3: on, but for instances whose clients renegotiate.
  const tls13 = values.tls13 === 'unknown' ? (service.renegotiates ? 'off' : 'on') : values.tls13;
  return {
    versions: protocolVersions.filter((version) => (version === 'tls13' ? tls13 : values[version]) === 'on'),
    suites: suitesOn(states),
  };
}

/** An instance that is activating has no gateway yet: its names lead nowhere. */
export function openGateways(wish: GatewayWish): Promise<readonly NamedListener[]> {
  return Promise.all(
    wish.services
      .filter(({ map }) => map !== null)
      .flatMap((service) => parts(service).map((part) => openPart(wish, service, part))),
  );
}

/** Names that are served by the same machines. */
interface Part {
  readonly names: readonly string[];
  /** How much later they follow a change, in milliseconds. */
  readonly behindMs: number;
}

function parts(service: SampleService): readonly Part[] {
  const { lagging } = service;
  const names = gatewayHosts(service);
  const late = lagging === undefined ? undefined : regionalHost(service, lagging.location);
  const part = (own: readonly string[], behindMs: number): Part[] =>
    own.length === 0 ? [] : [{ names: own, behindMs }];
  return [
    ...part(
      names.filter((name) => name !== late),
      0,
    ),
    ...part(
      names.filter((name) => name === late),
      lagging?.ms ?? 0,
    ),
  ];
}

async function openPart(wish: GatewayWish, service: SampleService, { names, behindMs }: Part): Promise<NamedListener> {
  const leaf = wish.authority.issue({
    names,
    key: wish.rsa,
    notBefore: wish.now - 30 * day,
    notAfter: wish.now + 300 * day,
  });
  const listener = await openTlsListener({
    rules: () => {
      const map = wish.mapOf(service, behindMs);
      return map === null ? undefined : { ...effectiveRules(service, map), key: 'RSA', leaf };
    },
    serve: (socket) => void readRequest(socket).then(() => reply(socket, '200 OK', greeting(service.name, socket))),
  });
  return { ...listener, hosts: names.map((name) => `${name.toLowerCase()}:443`) };
}
