// Random bytes for many hellos: asking the system for a few at a time takes longer than to build the hello.

import { randomBytes } from 'node:crypto';

/** So many fresh random bytes; none is ever given twice. */
export type RandomBytes = (length: number) => Buffer;

const atOnce = 1024;

export function randomStock(): RandomBytes {
  let stock: Buffer = Buffer.alloc(0);
  return (length) => {
    if (stock.length < length) stock = randomBytes(Math.max(atOnce, length));
    const taken = stock.subarray(0, length);
    stock = stock.subarray(length);
    return taken;
  };
}
