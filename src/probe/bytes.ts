// Reading and writing of the length-prefixed fields that TLS and DER are made of. Every read is bounded.

/** The peer sent something that the protocol does not allow. The message names the field. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** A cursor over bytes of a peer. Every read that would leave the bytes throws `Malformed`. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes, as a view. */
  take(length: number, what: string): Buffer {
    if (length > this.left) throw new Malformed(`${what} is longer than what contains it`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8(what: string): number {
    return this.take(1, what).readUInt8(0);
  }

  u16(what: string): number {
    return this.take(2, what).readUInt16BE(0);
  }

  u24(what: string): number {
    return this.take(3, what).readUIntBE(0, 3);
  }

  vector8(what: string): Buffer {
    return this.take(this.u8(what), what);
  }

  vector16(what: string): Buffer {
    return this.take(this.u16(what), what);
  }

  vector24(what: string): Buffer {
    return this.take(this.u24(what), what);
  }

  end(what: string): void {
    if (this.left > 0) throw new Malformed(`${what} has ${this.left} bytes too many`);
  }
}

export function u8(value: number): Buffer {
  return Buffer.from([value & 0xff]);
}

export function u16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

export function u24(value: number): Buffer {
  return Buffer.from([(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
}

export function vector8(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u8(body.length), body]);
}

export function vector16(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u16(body.length), body]);
}

export function vector24(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u24(body.length), body]);
}

export function u16s(values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) {
    out[2 * index] = value >> 8;
    out[2 * index + 1] = value;
  }
  return out;
}

/**
 * Bytes that arrive in pieces and leave in fields. A piece that meets nobody is kept as it is; else they are put together
 * in a store that grows by doubling, so that one-byte segments stay cheap. No byte is ever overwritten: what was taken
 * stays as it was.
 */
export class ByteQueue {
  #store: Buffer = nothing;
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#store = chunk;
      this.#from = 0;
      this.#to = chunk.length;
      return;
    }
    // A piece of the peer's has no room left, so nothing is ever written into it.
    if (this.#to + chunk.length > this.#store.length) {
      const grown = Buffer.alloc((this.length + chunk.length) * 2);
      this.#store.copy(grown, 0, this.#from, this.#to);
      this.#store = grown;
      this.#to -= this.#from;
      this.#from = 0;
    }
    chunk.copy(this.#store, this.#to);
    this.#to += chunk.length;
  }

  /** A view of the first bytes, at most `length`. */
  peek(length: number): Buffer {
    return this.#store.subarray(this.#from, Math.min(this.#to, this.#from + length));
  }

  /** A view of the next `length` bytes, which leave the queue; the caller has looked at `length` before. */
  take(length: number): Buffer {
    const bytes = this.peek(length);
    this.#from += bytes.length;
    return bytes;
  }
}

const nothing = Buffer.alloc(0);
