// Reads a ClientHello as far as a server needs it to decide, and decides.

import { gatewaySuiteByCode } from '../core/tls/ciphers.ts';
import { protocolByCode, protocolCode, protocolVersions } from '../core/tls/protocols.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { ByteReader } from '../probe/bytes.ts';

export interface ClientOffer {
  readonly versions: readonly ProtocolVersion[];
  readonly suites: readonly number[];
}

/** RFC 5246, 7.4.1.2 and RFC 8446, 4.2.1. Throws `Malformed`. */
export function readClientHello(body: Buffer): ClientOffer {
  const reader = new ByteReader(body);
  const legacy = reader.u16('version');
  reader.take(32, 'random');
  reader.vector8('session id');
  const suites = codes(reader.vector16('cipher suites'));
  reader.vector8('compression methods');
  const listed = reader.left === 0 ? undefined : supportedVersions(reader.vector16('extensions'));
  const upToLegacy = protocolVersions.filter((version) => version !== 'tls13' && protocolCode[version] <= legacy);
  return { versions: listed ?? upToLegacy, suites };
}

function codes(list: Buffer): readonly number[] {
  const reader = new ByteReader(list);
  const found: number[] = [];
  while (reader.left > 0) found.push(reader.u16('code'));
  return found;
}

function supportedVersions(extensions: Buffer): readonly ProtocolVersion[] | undefined {
  const reader = new ByteReader(extensions);
  while (reader.left > 0) {
    const type = reader.u16('extension type');
    const value = reader.vector16('extension');
    if (type === 43) {
      return codes(new ByteReader(value).vector8('versions')).flatMap((code) => protocolByCode(code) ?? []);
    }
  }
  return undefined;
}

/** What a server takes: versions, suites best first, the kind of its key. */
export interface ServerRules {
  readonly versions: readonly ProtocolVersion[];
  readonly suites: readonly number[];
  readonly key: 'RSA' | 'ECDSA';
}

export type Decision =
  | { readonly kind: 'alert'; readonly code: number }
  /** `suites`: those of the rules that fit the version and that the runtime has. */
  | { readonly kind: 'play'; readonly version: Exclude<ProtocolVersion, 'ssl3'>; readonly suites: readonly number[] }
  | { readonly kind: 'standIn'; readonly version: ProtocolVersion; readonly suite: number };

/** Alerts: 70 where no version is shared, 40 where the shared version has no suite in common (RFC 5246, 7.2.2). */
export function decide(
  offer: ClientOffer,
  rules: ServerRules,
  canPlay: (version: ProtocolVersion, suite: number) => boolean,
): Decision {
  const version = protocolVersions.findLast((each) => offer.versions.includes(each) && rules.versions.includes(each));
  if (version === undefined) return { kind: 'alert', code: 70 };
  const fitting = rules.suites.filter((code) => fits(code, version, rules.key));
  const shared = fitting.filter((code) => offer.suites.includes(code));
  const [best] = shared;
  if (best === undefined) return { kind: 'alert', code: 40 };
  if (version === 'ssl3' || !shared.some((code) => canPlay(version, code)))
    return { kind: 'standIn', version, suite: best };
  return { kind: 'play', version, suites: fitting.filter((code) => canPlay(version, code)) };
}

function fits(code: number, version: ProtocolVersion, key: ServerRules['key']): boolean {
  const suite = gatewaySuiteByCode(code);
  return (
    suite !== undefined &&
    suite.versions.includes(version) &&
    (suite.certificate === 'any' || suite.certificate === key)
  );
}
