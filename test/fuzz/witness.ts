// Reads a server's clear flight on its own, without the prober's code: what a fact of the prober may rest on.

export interface Witnessed {
  /** Version and suite of the first ServerHello, as the bytes say. */
  readonly hello: { readonly version: number; readonly suite: number } | null;
  /** Alert that ends it before the ServerHello; 0 is close_notify. */
  readonly alert: number | null;
  /** Types of the messages after the ServerHello. */
  readonly types: ReadonlySet<number>;
  /** All handshake bytes, fragments put together. */
  readonly stream: Buffer;
}

/** Follows RFC 8446, 4 and 5.1, as far as the lengths hold. */
export function witness(bytes: Buffer): Witnessed {
  const parts: Buffer[] = [];
  let alerts = Buffer.alloc(0);
  let alertFirst: number | null = null;
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    const body = bytes.subarray(at + 5, end);
    if (bytes[at] === 22) parts.push(body);
    if (bytes[at] === 21) alerts = Buffer.concat([alerts, body]);
    at = end;
    for (; alerts.length >= 2; alerts = alerts.subarray(2)) {
      const ends = alerts[0] === 2 || alerts[1] === 0;
      if (ends && alertFirst === null && helloIn(Buffer.concat(parts)) === null) alertFirst = alerts.readUInt8(1);
    }
  }
  const stream = Buffer.concat(parts);
  return { hello: helloIn(stream), alert: alertFirst, types: typesIn(stream), stream };
}

function* messages(stream: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let at = 0; at + 4 <= stream.length;) {
    const length = stream.readUIntBE(at + 1, 3);
    if (at + 4 + length > stream.length) return;
    yield { type: stream.readUInt8(at), body: stream.subarray(at + 4, at + 4 + length) };
    at += 4 + length;
  }
}

function typesIn(stream: Buffer): ReadonlySet<number> {
  return new Set([...messages(stream)].map(({ type }) => type));
}

function helloIn(stream: Buffer): Witnessed['hello'] {
  for (const { type, body } of messages(stream)) {
    if (type !== 2) continue;
    const suiteAt = 35 + (body[34] ?? 0);
    if (body.length < suiteAt + 3) return null;
    return { version: selectedVersion(body, suiteAt + 3) ?? body.readUInt16BE(0), suite: body.readUInt16BE(suiteAt) };
  }
  return null;
}

/** Of the extension supported_versions. */
function selectedVersion(body: Buffer, extensionsAt: number): number | undefined {
  for (let at = extensionsAt + 2; at + 4 <= body.length;) {
    const length = body.readUInt16BE(at + 2);
    if (body.readUInt16BE(at) === 43 && length === 2 && at + 6 <= body.length) return body.readUInt16BE(at + 4);
    at += 4 + length;
  }
  return undefined;
}
