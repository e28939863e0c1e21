// What a draft leads to by itself: versions without suites, suites without certificates, callers who lose what they use.

import type { AskingOperations } from '../askingOperations.ts';
import type { PlanFinding } from '../finding.ts';
import { asksInHandshake, gatewayNames } from '../gatewayNames.ts';
import { hostAndPort } from '../instance.ts';
import type { Instance } from '../instance.ts';
import { requestsWithoutVersion, totalOf } from '../traffic.ts';
import type { Traffic } from '../traffic.ts';
import { gatewaySuites } from './ciphers.ts';
import type { GatewaySuite } from './ciphers.ts';
import { clientRenegotiations } from './clientRenegotiation.ts';
import type { Change } from './draft.ts';
import type { Survey } from './evidence.ts';
import { retiredVersions, sides } from './protocols.ts';
import type { ProtocolVersion, Side } from './protocols.ts';
import { isConfirmed, settingById } from './settings.ts';
import type { SettingStates } from './settings.ts';
import { tierRules } from './tiers.ts';

export interface DraftInput {
  readonly instance: Instance;
  readonly before: SettingStates;
  readonly after: SettingStates;
  readonly changes: readonly Change[];
  /** Surveys by `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** What the logs say of callers; null: not read. */
  readonly traffic: Traffic | null;
  /** Operations that ask callers for a certificate by renegotiation; null: not read. */
  readonly asking: AskingOperations | null;
}

/** What speaks against a draft whatever its backends are. Only for drafts that change something. */
export function lintDraft(input: DraftInput): PlanFinding[] {
  const { instance, changes } = input;
  return [
    ...modernBackend(input),
    ...tierFindings(input),
    ...changes.flatMap((change) => retiredOn(change)),
    ...notConfirmed(input),
    ...clientRenegotiations(instance, changes, input.asking),
    ...withoutSuite(input),
    ...lostClients(input),
    ...withoutCertificate(input),
    ...http2WithoutCertificate(input),
    ...http2Off(changes),
  ];
}

/** That the backend side keeps TLS 1.2 or 1.3; of 1.3 it is not confirmed that the service obeys its key. */
function modernBackend({ before, after, changes }: DraftInput): PlanFinding[] {
  const lacks = (states: SettingStates) =>
    states['backend.tls12'].value === 'off' && states['backend.tls13'].value === 'off';
  if (lacks(after)) return [{ severity: lacks(before) ? 'warning' : 'blocker', code: 'noModernBackend' }];
  if (!changes.some(({ id, to }) => id === 'backend.tls12' && to.value === 'off')) return [];
  return [{ severity: before['backend.tls13'].value === 'on' ? 'warning' : 'blocker', code: 'backendOnlyTls13' }];
}

function tierFindings({ instance: { tier }, changes }: DraftInput): PlanFinding[] {
  const rules = tierRules(tier);
  const opened = changes.filter(({ to }) => to.unlocked).map(({ id }) => id);
  const locked = changes.filter(({ to }) => to.lock === 'notInTier').map(({ id }) => id);
  return [
    ...(rules.downtime === 'yes' ? [{ severity: 'warning', code: 'downtime', tier } as const] : []),
    ...(rules.confirmed ? [] : [{ severity: 'warning', code: 'tierNotConfirmed', tier } as const]),
    ...(opened.length === 0 ? [] : [{ severity: 'warning', code: 'tierOverridden', tier, ids: opened } as const]),
    ...(locked.length === 0 ? [] : [{ severity: 'warning', code: 'tierLocks', tier, ids: locked } as const]),
  ];
}

/** A retired version that comes on, or that may: a default that is not known. */
function retiredOn({ id, from, to }: Change): PlanFinding[] {
  const { side, version } = settingById(id) ?? {};
  if (!side || !version || !retiredVersions.includes(version)) return [];
  if (to.value === 'off' || from.value === 'on' || from.value === to.value) return [];
  return [{ severity: 'warning', code: 'retiredProtocolOn', side, version, certain: to.value === 'on' }];
}

function notConfirmed({ instance: { tier }, changes }: DraftInput): PlanFinding[] {
  if (!tierRules(tier).confirmed) return [];
  return changes.flatMap(({ id }) => {
    const setting = settingById(id);
    return setting && !isConfirmed(setting, tier) ? [{ severity: 'note', code: 'settingNotConfirmed', id }] : [];
  });
}

/**
 * Versions that are on with no suite left that they could use, unless that was so before. Towards callers a suite counts
 * only where a certificate of the gateway fits it, as far as all of them were seen.
 */
function withoutSuite({ instance, before, after, surveys }: DraftInput): PlanFinding[] {
  const kinds = gatewayCertificates(instance, surveys);
  const usable = (states: SettingStates, version: ProtocolVersion) =>
    gatewaySuites.filter(
      (suite) => suite.versions.includes(version) && states[`cipher.${suite.name}`]?.value !== 'off',
    );
  const fits = ({ certificate }: GatewaySuite) => certificate === 'any' || kinds === null || kinds.has(certificate);
  const orphaned = (states: SettingStates, side: Side, version: ProtocolVersion) =>
    states[`${side}.${version}`].value === 'on' &&
    !usable(states, version).some((suite) => side === 'backend' || fits(suite));
  return sides.flatMap((side) =>
    retiredVersions
      .filter((version) => orphaned(after, side, version) && !orphaned(before, side, version))
      .map((version) => {
        const byCertificate = usable(after, version).length > 0;
        return { severity: 'warning', code: 'versionWithoutSuite', side, version, byCertificate } as const;
      }),
  );
}

/** Callers that use, or may use, what is switched off. What the logs say of versions is told; of suites they say nothing. */
function lostClients({ changes, traffic }: DraftInput): PlanFinding[] {
  const off = changes
    .filter(({ from, to }) => to.value === 'off' && from.value !== 'off')
    .map(({ id }) => settingById(id));
  const versions = off.flatMap((setting) => (setting?.side === 'client' && setting.version ? [setting.version] : []));
  const suites = off.filter((setting) => setting?.suite).length;
  const seen = versions.flatMap((version) => seenClients(traffic, version));
  const notSeen = versions.filter((version) => totalOf(traffic, version) === null);
  // A part of the logs says nothing of what is not in it.
  const unknown = traffic?.state === 'read' ? [] : notSeen;
  return [
    ...seen,
    ...(unknown.length + suites === 0
      ? []
      : [{ severity: 'warning', code: 'clientsUnknown', versions: unknown, suites } as const]),
    ...(traffic?.state === 'read' && notSeen.length > 0
      ? [
          {
            severity: requestsWithoutVersion(traffic) > 0 ? 'warning' : 'note',
            code: 'clientsNotSeen',
            versions: notSeen,
            days: traffic.days,
            withoutVersion: requestsWithoutVersion(traffic),
          } as const,
        ]
      : []),
  ];
}

function seenClients(traffic: Traffic | null, version: ProtocolVersion): PlanFinding[] {
  const total = totalOf(traffic, version);
  if (traffic === null || total === null) return [];
  const { requests, callers, lastSeen } = total;
  const { days, readAt } = traffic;
  return [{ severity: 'warning', code: 'clientsSeen', version, requests, callers, lastSeen, days, readAt }];
}

/** Suites that come on although no certificate of the gateway fits them. Nothing is said where a host was not probed. */
function withoutCertificate({ instance, changes, surveys }: DraftInput): PlanFinding[] {
  const kinds = gatewayCertificates(instance, surveys);
  if (kinds === null) return [];
  const idle = changes.flatMap(({ id, from, to }) => {
    const suite = settingById(id)?.suite;
    const comesOn = to.value === 'on' && from.value !== 'on';
    return suite && comesOn && suite.certificate !== 'any' && !kinds.has(suite.certificate) ? [suite.name] : [];
  });
  return idle.length === 0 ? [] : [{ severity: 'note', code: 'suitesWithoutCertificate', suites: idle }];
}

/** The kinds of certificate that the gateway shows under its names, or null where one of them was not seen. */
function gatewayCertificates(
  instance: Instance,
  surveys: Readonly<Record<string, Survey>>,
): ReadonlySet<'RSA' | 'ECDSA'> | null {
  // Regional names lead to the certificate of the built-in one.
  const names = gatewayNames(instance).filter(({ kind }) => kind !== 'regional');
  const seen = names.map(({ host }) => surveys[hostAndPort({ host, port: 443 })]?.certificate);
  if (names.length === 0 || seen.some((certificate) => !certificate?.chain[0])) return null;
  const types = seen.flatMap((certificate) =>
    [certificate, ...(certificate?.variants ?? [])].flatMap((one) => one?.chain[0]?.keyType ?? []),
  );
  return new Set(types.flatMap((type) => (type.startsWith('RSA') ? 'RSA' : type.startsWith('EC') ? 'ECDSA' : [])));
}

/** RFC 9113, section 9.2.1: HTTP/2 forbids renegotiation, so a certificate can only be asked for in the handshake. */
function http2WithoutCertificate({ instance, changes }: DraftInput): PlanFinding[] {
  const comesOn = changes.some(({ id, from, to }) => id === 'client.http2' && to.value === 'on' && from.value !== 'on');
  if (!comesOn || !tierRules(instance.tier).renegotiation) return [];
  const hosts = instance.hosts.filter(
    (host) => host.type.toLowerCase() === 'proxy' && !asksInHandshake(instance, host),
  );
  if (hosts.length === 0) return [];
  return [{ severity: 'warning', code: 'http2ClientCertificates', hosts: hosts.map(({ hostName }) => hostName) }];
}

/** Whoever speaks HTTP/2 only, such as gRPC, has nothing to fall back to; others settle for HTTP/1.1 (RFC 7301, 3.2). */
function http2Off(changes: readonly Change[]): PlanFinding[] {
  const goesOff = changes.some(({ id, from, to }) => id === 'client.http2' && from.value === 'on' && to.value !== 'on');
  return goesOff ? [{ severity: 'warning', code: 'http2Off' }] : [];
}
