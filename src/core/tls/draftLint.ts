// What a draft leads to by itself: versions without suites, suites without certificates, keys that others would drop.

import type { AskingOperations } from '../askingOperations.ts';
import type { PlanFinding } from '../finding.ts';
import { asksInHandshake } from '../gatewayNames.ts';
import { hostAndPort } from '../instance.ts';
import type { CustomProperties, Instance } from '../instance.ts';
import { requestsWithoutVersion, totalOf } from '../traffic.ts';
import type { Traffic } from '../traffic.ts';
import { foreignKeys, protocolFacts, suiteFacts } from './catalog.ts';
import { gatewaySuites } from './ciphers.ts';
import { clientRenegotiations } from './clientRenegotiation.ts';
import { keyPrefix, readBoolean, textOf } from './customProperties.ts';
import type { Change } from './draft.ts';
import type { Survey } from './evidence.ts';
import { retiredVersions, sides } from './protocols.ts';
import type { ProtocolVersion } from './protocols.ts';
import { isConfirmed, settingById } from './settings.ts';
import type { SettingStates } from './settings.ts';
import { tierRules } from './tiers.ts';

export interface DraftInput {
  readonly instance: Instance;
  readonly before: SettingStates;
  readonly after: SettingStates;
  readonly changes: readonly Change[];
  /** The whole map to be written. */
  readonly map: CustomProperties;
  /** Surveys by `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** What the logs say of callers; null: not read. */
  readonly traffic: Traffic | null;
  /** Operations that ask callers for a certificate by renegotiation; null: not read. */
  readonly asking: AskingOperations | null;
}

/** What speaks against a draft whatever its backends are. Only for drafts that change something. */
export function lintDraft(input: DraftInput): PlanFinding[] {
  const { instance, before, after, changes } = input;
  const found: PlanFinding[] = [];
  const rules = tierRules(instance.tier);
  if (hasNoModernBackend(after))
    found.push({ severity: hasNoModernBackend(before) ? 'warning' : 'blocker', code: 'noModernBackend' });
  if (rules.downtime === 'yes') found.push({ severity: 'warning', code: 'downtime', tier: instance.tier });
  if (!rules.confirmed) found.push({ severity: 'warning', code: 'tierNotConfirmed', tier: instance.tier });
  const opened = changes.filter(({ to }) => to.unlocked).map(({ id }) => id);
  if (opened.length > 0) found.push({ severity: 'warning', code: 'tierOverridden', tier: instance.tier, ids: opened });
  for (const { id, from, to } of changes) {
    const setting = settingById(id);
    if (
      setting?.side &&
      setting.version &&
      to.value === 'on' &&
      from.value !== 'on' &&
      retiredVersions.includes(setting.version)
    ) {
      found.push({ severity: 'warning', code: 'retiredProtocolOn', side: setting.side, version: setting.version });
    }
    if (setting && rules.confirmed && !isConfirmed(setting, instance.tier))
      found.push({ severity: 'note', code: 'settingNotConfirmed', id });
  }
  return [
    ...found,
    ...clientRenegotiations(instance, changes, input.asking),
    ...withoutSuite(before, after),
    ...lostClients(input),
    ...withoutCertificate(input),
    ...http2WithoutCertificate(input),
    ...twoTripleDes(input),
    ...resets(changes),
    ...droppedByOthers(input.map),
  ];
}

function hasNoModernBackend(states: SettingStates): boolean {
  return states['backend.tls12'].value === 'off' && states['backend.tls13'].value === 'off';
}

/** Versions that are on with no suite left that they could use, unless that was so before. */
function withoutSuite(before: SettingStates, after: SettingStates): PlanFinding[] {
  const orphaned = (
    states: SettingStates,
    id: `${(typeof sides)[number]}.${ProtocolVersion}`,
    version: ProtocolVersion,
  ) =>
    states[id].value === 'on' &&
    !gatewaySuites.some((suite) => suite.versions.includes(version) && states[`cipher.${suite.name}`]?.value !== 'off');
  return sides.flatMap((side) =>
    (['ssl3', 'tls10', 'tls11'] as const)
      .filter(
        (version) => orphaned(after, `${side}.${version}`, version) && !orphaned(before, `${side}.${version}`, version),
      )
      .map((version) => ({ severity: 'warning', code: 'versionWithoutSuite', side, version }) as const),
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
            severity: 'note',
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
  const hosts = instance.hosts.filter(({ type }) => type === 'Proxy');
  const kinds = hosts.map(({ hostName }) =>
    certificateKinds(surveys[hostAndPort({ host: hostName.toLowerCase(), port: 443 })]),
  );
  const known = kinds.flatMap((kind) => kind ?? []);
  if (hosts.length === 0 || kinds.includes(null)) return [];
  const idle = changes.flatMap(({ id, from, to }) => {
    const suite = settingById(id)?.suite;
    const comesOn = to.value === 'on' && from.value !== 'on';
    return suite && comesOn && suite.certificate !== 'any' && !known.includes(suite.certificate) ? [suite.name] : [];
  });
  return idle.length === 0 ? [] : [{ severity: 'note', code: 'suitesWithoutCertificate', suites: idle }];
}

/** The kinds of certificate that a server showed, or null where none was seen. */
function certificateKinds(survey: Survey | undefined): ('RSA' | 'ECDSA')[] | null {
  const leaf = survey?.certificate?.chain[0];
  if (!leaf) return null;
  return leaf.keyType.startsWith('RSA') ? ['RSA'] : leaf.keyType.startsWith('EC') ? ['ECDSA'] : [];
}

/** RFC 9113, section 9.2.1: HTTP/2 forbids renegotiation, so a certificate can only be asked for in the handshake. */
function http2WithoutCertificate({ instance, changes }: DraftInput): PlanFinding[] {
  const comesOn = changes.some(({ id, from, to }) => id === 'client.http2' && to.value === 'on' && from.value !== 'on');
  if (!comesOn || !tierRules(instance.tier).renegotiation) return [];
  const hosts = instance.hosts.filter((host) => host.type === 'Proxy' && !asksInHandshake(instance, host));
  if (hosts.length === 0) return [];
  return [{ severity: 'warning', code: 'http2ClientCertificates', hosts: hosts.map(({ hostName }) => hostName) }];
}

/** 3DES goes by two names (see the catalogue). Which of them the service obeys where they disagree is not known. */
function twoTripleDes({ map }: DraftInput): PlanFinding[] {
  const names = suiteFacts.find(({ code }) => code === 0x000a)?.keyNames ?? [];
  const said = names.map((name) => readBoolean(textOf(map, `${keyPrefix}Security.Ciphers.${name}`) ?? ''));
  return said.includes(true) && said.includes(false)
    ? [{ severity: 'warning', code: 'tripleDesDisagrees', names: [...names] }]
    : [];
}

/** Settings whose keys are left out, so that the service takes them back to their defaults. */
function resets(changes: readonly Change[]): PlanFinding[] {
  const left = changes.filter(({ from, to }) => from.origin === 'explicit' && to.origin !== 'explicit');
  return left.length === 0 ? [] : [{ severity: 'note', code: 'resetByService', ids: left.map(({ id }) => id) }];
}

/** Keys of the catalogue that Terraform's provider does not know, as they are in the map to be written. */
function droppedByOthers(map: CustomProperties): PlanFinding[] {
  const keys = [
    ...protocolFacts.filter(({ terraform }) => !terraform).flatMap(({ key }) => key ?? []),
    ...suiteFacts
      .filter(({ switching }) => switching !== 'required')
      .flatMap(({ keyNames, terraform }) => keyNames.filter((name) => name !== terraform))
      .map((name) => `Security.Ciphers.${name}`),
    ...foreignKeys.map(({ key }) => key),
  ];
  const held = keys.filter((key) => textOf(map, `${keyPrefix}${key}`) !== null);
  return held.length === 0 ? [] : [{ severity: 'note', code: 'droppedByOthers', keys: held }];
}
