// Findings: what is noteworthy of an instance or of a plan, as values. Sentences are made in wording.ts.

import type { BackendWeight } from './backendTraffic.ts';
import type { Behaviour, CertificateFinding } from './tls/evidence.ts';
import type { ProtocolVersion, Side } from './tls/protocols.ts';
import type { Negotiated } from './tls/verdict.ts';
import type { SettingId } from './tls/settings.ts';

/** blocker: saving is refused unless it is overridden by name. */
export type Severity = 'blocker' | 'warning' | 'note';

export type PlanFinding =
  | {
      readonly severity: 'blocker';
      readonly code: 'backendBreaks';
      readonly host: string;
      readonly usedBy: readonly string[];
      readonly now: Negotiated;
      readonly seen?: BackendWeight;
    }
  /** warning: it is so already, whatever is saved. */
  | { readonly severity: 'blocker' | 'warning'; readonly code: 'noModernBackend' }
  /** TLS 1.2 goes off, and of TLS 1.3 it is not confirmed that its key is obeyed. warning: 1.3 is on already. */
  | { readonly severity: 'blocker' | 'warning'; readonly code: 'backendOnlyTls13' }
  | { readonly severity: 'blocker'; readonly code: 'mapMissing' }
  | { readonly severity: 'blocker'; readonly code: 'busy'; readonly state: string }
  | {
      readonly severity: 'warning';
      readonly code: 'backendUnknown';
      readonly host: string;
      readonly why: string;
      readonly seen?: BackendWeight;
    }
  | {
      readonly severity: 'warning';
      readonly code: 'backendNotChecked';
      readonly host: string;
      readonly seen?: BackendWeight;
    }
  | { readonly severity: 'warning'; readonly code: 'backendsNotRead' }
  /** Addresses that lead to no host that can be told. titles: of what they belong to. */
  | { readonly severity: 'warning'; readonly code: 'backendsUnreadable'; readonly titles: readonly string[] }
  /** at: the moment of the probe, ISO 8601, UTC. */
  | { readonly severity: 'warning'; readonly code: 'backendProbedEarlier'; readonly host: string; readonly at: string }
  | {
      readonly severity: 'warning';
      readonly code: 'backendAlreadyBroken';
      readonly host: string;
      readonly behaviour: Behaviour;
    }
  | {
      readonly severity: 'warning';
      readonly code: 'backendCertificate';
      readonly host: string;
      readonly findings: readonly CertificateFinding[];
    }
  | {
      readonly severity: 'warning' | 'note';
      readonly code: 'backendClientCertificate';
      readonly host: string;
      readonly required: boolean;
      /** Titles of what calls the host without a certificate of its own. */
      readonly missingIn: readonly string[];
    }
  /** The backend asks for a client certificate, and policies present one. Titles of what calls it. */
  | {
      readonly severity: 'warning' | 'note';
      readonly code: 'backendPolicyCertificate';
      readonly host: string;
      readonly required: boolean;
      readonly presentedFor: readonly string[];
      /** Only for some requests, or under a condition. */
      readonly maybeFor: readonly string[];
    }
  /** Of callers: TLS 1.3 may come on for them. */
  | { readonly severity: 'warning'; readonly code: 'renegotiationNotChecked' }
  /** By an estimate over so many days. sure: how many of medium or high confidence; atLeast: there are more. */
  | {
      readonly severity: 'blocker' | 'warning';
      readonly code: 'clientsRenegotiate';
      readonly operations: number;
      readonly sure: number;
      readonly atLeast: boolean;
      readonly days: number;
    }
  /** missing: sentences on what could not be read. */
  | { readonly severity: 'warning'; readonly code: 'renegotiationPartlyChecked'; readonly missing: readonly string[] }
  | { readonly severity: 'note'; readonly code: 'renegotiationNotKnown'; readonly days: number }
  /** Asks for a client certificate after the handshake, which TLS 1.3 may end. */
  | {
      readonly severity: 'blocker';
      readonly code: 'backendRenegotiates';
      readonly host: string;
      readonly usedBy: readonly string[];
      /** Where it was seen to ask; absent: the path of the request is not known. */
      readonly paths?: readonly string[];
      /** Those of them that were cut before a parameter. Absent: none. */
      readonly cut?: readonly string[];
      readonly seen?: BackendWeight;
    }
  /** Backends that may come to speak TLS 1.3 and of which it is not known whether they renegotiate. */
  | { readonly severity: 'warning'; readonly code: 'backendsMayRenegotiate'; readonly hosts: readonly string[] }
  | {
      readonly severity: 'warning';
      readonly code: 'retiredProtocolOn';
      readonly side: Side;
      readonly version: ProtocolVersion;
      /** False: it may come on, as its default is not known. */
      readonly certain: boolean;
    }
  | {
      readonly severity: 'warning';
      readonly code: 'versionWithoutSuite';
      readonly side: Side;
      readonly version: ProtocolVersion;
      /** Suites are left, and no certificate of the gateway fits them. */
      readonly byCertificate: boolean;
    }
  | {
      readonly severity: 'warning';
      readonly code: 'clientsUnknown';
      readonly versions: readonly ProtocolVersion[];
      readonly suites: number;
    }
  /** By the logs of the last `days`, read at `readAt`. callers, lastSeen: null where it cannot be told. */
  | {
      readonly severity: 'warning';
      readonly code: 'clientsSeen';
      readonly version: ProtocolVersion;
      readonly requests: number;
      readonly callers: number | null;
      readonly lastSeen: string | null;
      readonly days: number;
      readonly readAt: string;
    }
  /** withoutVersion: requests in the same logs whose version is not known. */
  /** warning: requests name no version, and may have been of these. */
  | {
      readonly severity: 'warning' | 'note';
      readonly code: 'clientsNotSeen';
      readonly versions: readonly ProtocolVersion[];
      readonly days: number;
      readonly withoutVersion: number;
    }
  | { readonly severity: 'warning'; readonly code: 'tierNotConfirmed'; readonly tier: string }
  /** The tier would lock these; the operator's setting opens them. */
  | {
      readonly severity: 'warning';
      readonly code: 'tierOverridden';
      readonly tier: string;
      readonly ids: readonly SettingId[];
    }
  /** The tier locks these, and the map to be written changes them all the same: it is that of an earlier state. */
  | {
      readonly severity: 'warning';
      readonly code: 'tierLocks';
      readonly tier: string;
      readonly ids: readonly SettingId[];
    }
  | { readonly severity: 'warning'; readonly code: 'downtime'; readonly tier: string }
  | { readonly severity: 'note'; readonly code: 'settingNotConfirmed'; readonly id: SettingId }
  | {
      readonly severity: 'note';
      readonly code: 'backendChanges';
      readonly host: string;
      readonly now: Negotiated;
      readonly draft: Negotiated;
      readonly losesForwardSecrecy: boolean;
    }
  | { readonly severity: 'note'; readonly code: 'backendRepaired'; readonly host: string; readonly draft: Negotiated }
  /** suites: names of suites that come on and that no certificate of the gateway fits. */
  | { readonly severity: 'note'; readonly code: 'suitesWithoutCertificate'; readonly suites: readonly string[] }
  /** hosts: of the gateway, that do not ask for a client certificate in the handshake. */
  | { readonly severity: 'warning'; readonly code: 'http2ClientCertificates'; readonly hosts: readonly string[] }
  | { readonly severity: 'warning'; readonly code: 'http2Off' }
  /** names: the keys that say the setting on and off, without the part that all keys share. */
  | {
      readonly severity: 'warning';
      readonly code: 'spellingsDisagree';
      readonly id: SettingId;
      readonly names: readonly string[];
    }
  /** keys: those of no setting, without the part that all keys share. */
  | {
      readonly severity: 'note';
      readonly code: 'resetByService';
      readonly ids: readonly SettingId[];
      readonly keys: readonly string[];
    }
  /** Both without the part that all keys share. withoutProtocols: only where Terraform has no block `protocols`. */
  | {
      readonly severity: 'note';
      readonly code: 'droppedByOthers';
      readonly keys: readonly string[];
      readonly withoutProtocols: readonly string[];
    }
  | { readonly severity: 'note'; readonly code: 'unknownKeysKept'; readonly count: number };

export type InstanceFinding =
  | {
      readonly severity: 'problem';
      readonly code: 'oldProtocol';
      readonly side: Side;
      readonly version: ProtocolVersion;
    }
  | { readonly severity: 'problem'; readonly code: 'tripleDes' }
  | { readonly severity: 'problem'; readonly code: 'lastOperationFailed' }
  | { readonly severity: 'warning'; readonly code: 'notStated' }
  | { readonly severity: 'warning'; readonly code: 'unknownTier'; readonly tier: string }
  | { readonly severity: 'note'; readonly code: 'clientTls13Off' }
  | { readonly severity: 'note'; readonly code: 'weakSuites'; readonly count: number }
  | { readonly severity: 'note'; readonly code: 'changing' };

export type Worst = 'problem' | 'warning' | 'note' | 'none';

export function worstOf(findings: readonly InstanceFinding[]): Worst {
  return (
    (['problem', 'warning', 'note'] as const).find((level) => findings.some((f) => f.severity === level)) ?? 'none'
  );
}
