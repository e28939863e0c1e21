// After a change: what the gateway's hosts must show from now on, and whether each address of each of them was seen to.
// Plain data: a file keeps it across reloads, and the page shows it.

import * as v from 'valibot';
import type { GatewayName } from '../gatewayNames.ts';
import type { CustomProperties, Instance } from '../instance.ts';
import type { GatewaySuite } from './ciphers.ts';
import type { Answer, Behaviour, Survey } from './evidence.ts';
import { protocolVersions } from './protocols.ts';
import type { ProtocolVersion } from './protocols.ts';
import { readSettings, settingById, settings, stateOf } from './settings.ts';
import type { SettingId } from './settings.ts';

export const settingIdSchema = v.custom<SettingId>((id) => typeof id === 'string' && settingById(id) !== undefined);

/** `accepted`: whether a caller that offers nothing else gets through from now on. */
export const expectationSchema = v.object({ id: settingIdSchema, accepted: v.boolean() });
export type Expectation = v.InferOutput<typeof expectationSchema>;

/**
 * confirmed: everything that was expected was seen. stillOld: something else was seen. notReached: no TLS server was
 * reached. unknown: not everything was told, and nothing speaks against it.
 */
export const hostStateSchema = v.picklist(['confirmed', 'stillOld', 'notReached', 'unknown']);
export type HostState = v.InferOutput<typeof hostStateSchema>;

export const addressSeenSchema = v.object({
  /** With port; null where nothing was connected to. */
  address: v.nullable(v.string()),
  /** ISO 8601, UTC. */
  at: v.string(),
  state: hostStateSchema,
  behaviour: v.string(),
  /** Settings that the address was seen to contradict. */
  still: v.array(settingIdSchema),
  /** Settings of which it told nothing. */
  open: v.array(settingIdSchema),
});
export type AddressSeen = v.InferOutput<typeof addressSeenSchema>;

export const hostSeenSchema = v.object({
  host: v.string(),
  kind: v.picklist(['default', 'custom', 'regional']),
  region: v.nullable(v.string()),
  state: hostStateSchema,
  /** Every address behind the name that was looked at; one for a name that a proxy looks up. */
  addresses: v.array(addressSeenSchema),
});
export type HostSeen = v.InferOutput<typeof hostSeenSchema>;

/**
 * What the change must make visible to callers: protocol versions and cipher suites towards clients that it switched.
 * Settings that the tier or the platform decides are left out, and those towards backends and HTTP/2 cannot be seen.
 */
export function expectations(
  instance: Pick<Instance, 'tier' | 'createdAt'>,
  before: CustomProperties,
  after: CustomProperties,
): Expectation[] {
  const [old, fresh] = [before, after].map((customProperties) => readSettings({ ...instance, customProperties }));
  if (!old || !fresh) return [];
  return settings.flatMap(({ id, suite, side, version }) => {
    const to = stateOf(fresh, id);
    const visible = suite !== undefined || (side === 'client' && version !== undefined);
    const settled = to.lock === undefined && to.value !== 'unknown';
    if (!visible || !settled || stateOf(old, id).value === to.value) return [];
    return [{ id, accepted: to.value === 'on' }];
  });
}

/** Settings that the change touched and that no look at the gateway's hosts can tell. */
export function unseenSettings(
  instance: Pick<Instance, 'tier' | 'createdAt'>,
  before: CustomProperties,
  after: CustomProperties,
): SettingId[] {
  const [old, fresh] = [before, after].map((customProperties) => readSettings({ ...instance, customProperties }));
  const seen = new Set(expectations(instance, before, after).map(({ id }) => id));
  if (!old || !fresh) return [];
  return settings
    .map(({ id }) => id)
    .filter((id) => !seen.has(id) && stateOf(old, id).value !== stateOf(fresh, id).value);
}

/** One host name by the surveys of all addresses behind it. Without a survey nobody has looked, so nothing is known. */
export function hostSeen(name: GatewayName, expected: readonly Expectation[], surveys: readonly Survey[]): HostSeen {
  const addresses = surveys.map((survey) => addressSeen(expected, survey));
  return { host: name.host, kind: name.kind, region: name.region, state: worstState(addresses), addresses };
}

/** Confirmed only where every address showed it. */
export function worstState(seen: readonly { readonly state: HostState }[]): HostState {
  const any = (state: HostState) => seen.some((one) => one.state === state);
  if (any('stillOld')) return 'stillOld';
  if (seen.length === 0) return 'unknown';
  if (seen.every(({ state }) => state === 'notReached')) return 'notReached';
  return seen.every(({ state }) => state === 'confirmed') ? 'confirmed' : 'unknown';
}

/** Of the way to a server rather than of the server. */
const noServer: readonly Behaviour[] = ['unresolvable', 'refused', 'unreachable', 'timeout', 'cancelled'];

export function addressSeen(expected: readonly Expectation[], survey: Survey): AddressSeen {
  const { endpoint, at, behaviour, protocols } = survey;
  const answers = expected
    .map((one) => ({ ...one, answer: answerTo(one, survey) }))
    .filter(({ answer }) => answer !== 'hidden');
  const still = answers.filter(({ accepted, answer }) => answer === (accepted ? 'no' : 'yes')).map(({ id }) => id);
  const open = answers.filter(({ answer }) => answer === 'unknown').map(({ id }) => id);
  const common = { address: endpoint.address, at, behaviour };
  // A server that takes nothing at all does not show what it takes.
  const speaks = protocolVersions.some((version) => protocols[version] === 'yes');
  if (!speaks) {
    const state = noServer.includes(behaviour) ? 'notReached' : 'unknown';
    return { ...common, state, still: [], open: expected.map(({ id }) => id) };
  }
  const told = answers.length > 0 && open.length === 0;
  const state = still.length > 0 ? 'stillOld' : told ? 'confirmed' : 'unknown';
  return { ...common, state, still, open };
}

/** Whether the server takes what the setting stands for. hidden: at this server that cannot show, such as by its certificate. */
function answerTo({ id, accepted }: Expectation, survey: Survey): Answer | 'hidden' {
  const setting = settingById(id);
  if (setting?.suite) return suiteAnswer(setting.suite, accepted, survey);
  return setting?.version ? survey.protocols[setting.version] : 'unknown';
}

function suiteAnswer(suite: GatewaySuite, accepted: boolean, survey: Survey): Answer | 'hidden' {
  const spoken = suite.versions.filter((version) => survey.protocols[version] !== 'no');
  const answers = spoken.map((version) => inVersion(suite, version, survey));
  if (answers.includes('yes')) return 'yes';
  if (answers.includes('unknown')) return 'unknown';
  if (!accepted) return 'no';
  // Switched on, and yet not taken: without its versions, or with another kind of certificate, it never is.
  return spoken.length > 0 && fitsCertificate(suite, survey) ? 'no' : 'hidden';
}

function inVersion(suite: GatewaySuite, version: ProtocolVersion, survey: Survey): Answer {
  const taken = survey.suites[version];
  if (survey.protocols[version] === 'unknown' || taken === undefined) return 'unknown';
  return taken.includes(suite.code) ? 'yes' : 'no';
}

function fitsCertificate(suite: GatewaySuite, { certificate }: Survey): boolean {
  if (suite.certificate === 'any') return true;
  const chains = certificate === null ? [] : (certificate.variants ?? [certificate]);
  const start = suite.certificate === 'RSA' ? 'RSA' : 'EC';
  return chains.some(({ chain }) => chain[0]?.keyType.startsWith(start));
}

/** Versions and suites that are off and that every address was seen to refuse, among those that are worth a sentence. */
export function refusedVersions(
  instance: Pick<Instance, 'customProperties' | 'tier' | 'createdAt'>,
  surveys: readonly Survey[],
): ProtocolVersion[] {
  const states = readSettings(instance);
  const seen = surveys.filter(({ behaviour }) => behaviour === 'tls');
  return protocolVersions.filter(
    (version) =>
      seen.length > 0 &&
      states[`client.${version}`].value === 'off' &&
      seen.every(({ protocols }) => protocols[version] === 'no'),
  );
}
