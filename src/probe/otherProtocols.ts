// Servers that speak something else than TLS first: what it is, by how it begins, and whether it would go over to TLS.

import { converse } from './connection.ts';
import type { Visit } from './visit.ts';

interface Protocol {
  readonly name: string;
  readonly start: RegExp;
  /** How a client asks for the extensions, and how the server names the one to TLS; absent where there is none. */
  readonly startTls?: { readonly ask: string; readonly named: RegExp; readonly end: RegExp };
}

/** RFC 3207, RFC 4217, RFC 2595, RFC 4253; the rest as their servers are seen to begin. */
const protocols: readonly Protocol[] = [
  { name: 'SSH', start: /^SSH-/ },
  {
    name: 'SMTP',
    start: /^220[ -].*(SMTP|mail)/i,
    startTls: { ask: 'EHLO probe.invalid\r\n', named: /^250[ -]STARTTLS\s*$/im, end: /^(250 |[45]\d\d )/m },
  },
  {
    name: 'FTP',
    start: /^220[ -]/,
    startTls: { ask: 'FEAT\r\n', named: /^ AUTH .*TLS/im, end: /^(211 |[45]\d\d )/m },
  },
  {
    name: 'POP3',
    start: /^\+OK/,
    startTls: { ask: 'CAPA\r\n', named: /^STLS\s*$/im, end: /^(\.\s*$|-ERR)/m },
  },
  {
    name: 'IMAP',
    start: /^\* (OK|PREAUTH)/,
    startTls: { ask: 'a1 CAPABILITY\r\n', named: /\bSTARTTLS\b/i, end: /^a1 /m },
  },
  { name: 'VNC', start: /^RFB \d{3}\./ },
  { name: 'MySQL', start: /^.\0\0\0\x0a\d/s },
];

function protocolOf(start: string): Protocol | undefined {
  return protocols.find((protocol) => protocol.start.test(start));
}

/** Such as "answered with SSH". */
export function otherProtocolText(start: string): string {
  return `answered with ${protocolOf(start)?.name ?? 'something that is not TLS'}`;
}

/** No greeting or list of extensions is longer. */
const longestAnswer = 16 * 1024;

/**
 * Greets the server in its own words, without logging in, and says whether it offers TLS: "answered with SMTP, STARTTLS is
 * offered". null where there is nothing more to say. Never throws.
 */
export async function askForStartTls(visit: Visit, start: string): Promise<string | null> {
  const protocol = protocolOf(start);
  const how = protocol?.startTls;
  if (!protocol || !how) return null;
  let heard = '';
  let asked = false;
  const outcome = await converse<boolean>(visit, Buffer.alloc(0), (chunk, talk) => {
    heard += chunk.toString('latin1');
    if (heard.length > longestAnswer) return false;
    if (!asked && /^(220 |\+OK|\* )[^\n]*\n/m.test(heard)) {
      asked = true;
      heard = '';
      talk.send(Buffer.from(how.ask, 'latin1'));
      talk.atMost(Math.max(1000, 8 * talk.elapsedMs));
      return undefined;
    }
    return asked && how.end.test(heard) ? how.named.test(heard) : undefined;
  });
  if (outcome.kind !== 'value') return null;
  const name = protocol.name === 'POP3' ? 'STLS' : protocol.name === 'FTP' ? 'AUTH TLS' : 'STARTTLS';
  return `answered with ${protocol.name}, ${name} is ${outcome.value ? 'offered' : 'not offered'}`;
}
