// What a server makes of the extensions and signals of a hello: ALPN, tickets, compression, fallback and the like.

import type { Answer, Features } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { u8 } from './bytes.ts';
import { extensionType, protocolNames } from './clientHello.ts';
import type { HelloExtras } from './handshake.ts';
import { newestOlder, type OlderVersion } from './keyExchanges.ts';
import { acceptableOffer } from './offers.ts';
import { askPersistently, type Persisted } from './persist.ts';
import { readApplicationProtocol, type ServerHello } from './serverMessages.ts';
import { readTls13 } from './tls13.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

const deflate = 1;
const protocols: readonly string[] = ['h2', 'http/1.1'];
/** inappropriate_fallback (RFC 7507) and no_application_protocol (RFC 7301). */
const alert = { inappropriateFallback: 86, noApplicationProtocol: 120 } as const;

/** Of the newest version up to TLS 1.2, ALPN also of TLS 1.3. Never throws. */
export async function features(visit: Visit, results: VersionResults): Promise<Features> {
  const older = newestOlder(results);
  const [seen, fallbackScsv] = await Promise.all([
    older === undefined ? nothingSeen : olderFeatures(visit, older, results[older]),
    refusesFallback(visit, results),
  ]);
  const alpn = seen.alpn ?? (results.tls13.answer === 'yes' ? await protocolsOf13(visit, results.tls13) : null);
  return { ...seen, alpn, fallbackScsv };
}

const nothingSeen: Omit<Features, 'fallbackScsv'> = {
  alpn: null,
  secureRenegotiation: 'unknown',
  extendedMasterSecret: 'unknown',
  sessionTickets: 'unknown',
  compression: 'unknown',
  heartbeat: 'unknown',
};

type Asked = (extras: HelloExtras) => Promise<Persisted>;

async function olderFeatures(
  visit: Visit,
  version: OlderVersion,
  { form, suite }: Persisted,
): Promise<Omit<Features, 'fallbackScsv'>> {
  const ask: Asked = (extras) =>
    askPersistently(visit, acceptableOffer(version, suite), [form, form, form, form], 'hello', extras);
  // SSL 3.0 has no extensions, and a server that takes a bare hello only is not asked for any.
  if (version === 'ssl3' || form === 'bare') {
    const { hello } = await ask({ compressions: [deflate, 0] });
    return { ...nothingSeen, compression: hello ? answered(hello.compression === deflate) : 'unknown' };
  }
  const extensions = new Map<number, Buffer>([
    [extensionType.alpn, protocolNames(protocols)],
    [extensionType.heartbeat, u8(1)],
    [extensionType.sessionTicket, Buffer.alloc(0)],
    [extensionType.extendedMasterSecret, Buffer.alloc(0)],
  ]);
  const curious = await ask({ extensions, compressions: [deflate, 0] });
  const hello = curious.hello ?? (await ask({ extensions })).hello;
  if (!hello) return nothingSeen;
  const has = (type: number): Answer => answered(hello.extensions.has(type));
  return {
    alpn: await protocolsOf(chosenBy(hello), async (name) => {
      const again = await ask({ extensions: new Map([[extensionType.alpn, protocolNames([name])]]) });
      return again.hello ? chosenBy(again.hello) : again.alert === alert.noApplicationProtocol ? null : undefined;
    }),
    secureRenegotiation: has(extensionType.renegotiationInfo),
    extendedMasterSecret: has(extensionType.extendedMasterSecret),
    sessionTickets: has(extensionType.sessionTicket),
    compression: curious.hello ? answered(hello.compression === deflate) : 'unknown',
    heartbeat: has(extensionType.heartbeat),
  };
}

function answered(yes: boolean): Answer {
  return yes ? 'yes' : 'no';
}

/** undefined where the answer cannot be read. */
function chosenBy(hello: ServerHello): string | null | undefined {
  try {
    return readApplicationProtocol(hello.extensions);
  } catch {
    return undefined;
  }
}

async function protocolsOf13(visit: Visit, known: Persisted): Promise<Features['alpn']> {
  const form = known.form === 'small' ? 'small' : 'shares';
  const ask = async (names: readonly string[]): Promise<string | null | undefined> => {
    const facts = await readTls13(visit, { form, alpn: names });
    return facts.alert === alert.noApplicationProtocol ? null : facts.alpn;
  };
  return protocolsOf(await ask(protocols), (name) => ask([name]));
}

/** What was chosen of both, and whether the other is taken alone. null = no protocol, undefined = no answer. */
async function protocolsOf(
  chosen: string | null | undefined,
  alone: (name: string) => Promise<string | null | undefined>,
): Promise<Features['alpn']> {
  if (chosen === undefined || (chosen !== null && !protocols.includes(chosen))) return null;
  if (chosen === null) return [];
  const other = protocols.find((name) => name !== chosen) ?? '';
  const taken = await alone(other);
  if (taken === undefined) return null;
  return taken === other ? [chosen, other] : [chosen];
}

/** A hello for the version below the newest, with the signal: only a server that has a newer one may refuse it. */
async function refusesFallback(visit: Visit, results: VersionResults): Promise<Answer> {
  const accepted = protocolVersions.filter((version) => results[version].answer === 'yes');
  const lower: ProtocolVersion | undefined = accepted.at(-2);
  if (lower === undefined) return 'unknown';
  const { form, suite } = results[lower];
  const offer = acceptableOffer(lower, suite);
  const answer = await askPersistently(visit, offer, [form, form, form, form], 'hello', { fallback: true });
  if (answer.alert === alert.inappropriateFallback) return 'yes';
  return answer.answer === 'yes' ? 'no' : 'unknown';
}
