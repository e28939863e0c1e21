// What a request without a client certificate met: the same facts whatever the protocol version.

/** What an HTTP answer has said so far. */
export interface HttpAnswer {
  readonly status: number;
  /** The sentence by which it asks for a client certificate, null where it has none. */
  readonly refusal: string | null;
  /** Nothing more of it is of interest. */
  readonly complete: boolean;
}

export interface RequestFacts {
  /** Whether the handshake was completed and the request sent. */
  readonly sent: boolean;
  /** Whether a certificate was asked for after the request; null = not known. */
  readonly asked: boolean | null;
  /** What came of our having none. null: not asked, or not known. */
  readonly without: 'optional' | 'required' | null;
  /** DER of the names in the request for a certificate that came after the HTTP request. */
  readonly issuers: readonly Buffer[];
  readonly answer: HttpAnswer | null;
  /** Why something is missing or not certain, null where nothing is. */
  readonly why: string | null;
}

export const nothingYet: RequestFacts = {
  sent: false,
  asked: null,
  without: null,
  issuers: [],
  answer: null,
  why: null,
};

/** Of an error page nothing is of interest beyond this. */
const mostPage = 8 * 1024;

/**
 * How servers tell an HTTP client that it has shown no certificate: nginx with code 400 (its own codes 495 and 496 inside),
 * IIS with 403.7, others in words of their own.
 */
const refusals: readonly RegExp[] = [
  /No required SSL certificate was sent/i,
  /403\.7\b[^<\r\n]{0,80}/,
  /(?:SSL |TLS )?client certificate (?:is )?required/i,
];

/** undefined while not even the status line is there; status 0 where the answer is no HTTP. */
export function readHttpAnswer(bytes: Buffer): HttpAnswer | undefined {
  const text = bytes.toString('latin1', 0, mostPage);
  const line = /^HTTP\/\d(?:\.\d)? (\d{3})[ \r\n]/.exec(text);
  if (!line) {
    const mayBecome = text.length < 13 && 'HTTP/'.startsWith(text.slice(0, 5));
    return mayBecome ? undefined : { status: 0, refusal: null, complete: true };
  }
  const status = Number(line[1]);
  const refusal = status < 400 ? null : (refusals.map((pattern) => pattern.exec(text)?.[0]).find(Boolean) ?? null);
  return { status, refusal, complete: status < 400 || refusal !== null || isWhole(text, bytes.length) };
}

function isWhole(text: string, length: number): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (length >= mostPage) return true;
  if (head < 0) return false;
  const stated = /\r\ncontent-length: *(\d{1,9})\r\n/i.exec(text.slice(0, head + 2))?.[1];
  return stated === undefined ? text.endsWith('\r\n0\r\n\r\n') : length >= head + 4 + Number(stated);
}
