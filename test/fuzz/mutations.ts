// Mutations of a server's bytes that know what they are made of: messages, then records, then single bytes.

import fc from 'fast-check';

export interface Message {
  readonly type: number;
  readonly body: Buffer;
  /** What the header says; the length of the body where it is honest. */
  readonly length: number;
}

export type Step =
  | { readonly on: 'message'; readonly at: number; readonly act: MessageAct; readonly value: number }
  | { readonly on: 'record'; readonly at: number; readonly act: RecordAct; readonly value: number }
  | { readonly on: 'byte'; readonly at: number; readonly act: ByteAct; readonly value: number };

const messageActs = ['type', 'length', 'drop', 'double', 'swap', 'cut', 'grow', 'field', 'byte'] as const;
const recordActs = ['type', 'version', 'length', 'drop', 'double', 'split', 'alert', 'warnings', 'cipher'] as const;
const byteActs = ['flip', 'set', 'drop', 'insert', 'end'] as const;
type MessageAct = (typeof messageActs)[number];
type RecordAct = (typeof recordActs)[number];
type ByteAct = (typeof byteActs)[number];

const place = fc.nat({ max: 0xffff });
/** Values at which length fields and enumerations break. */
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 11, 12, 13, 14, 20, 21, 22, 23, 40, 70, 0x7f, 0x80, 0xff, 0x0303, 0x0304, 0x7fff, 0xffff),
  fc.nat({ max: 0xffffff }),
);

export const steps = fc.array(
  fc.oneof(
    fc.record({ on: fc.constant('message' as const), at: place, act: fc.constantFrom(...messageActs), value }),
    fc.record({ on: fc.constant('record' as const), at: place, act: fc.constantFrom(...recordActs), value }),
    fc.record({ on: fc.constant('byte' as const), at: place, act: fc.constantFrom(...byteActs), value }),
  ),
  { minLength: 1, maxLength: 5 },
);

export function bytesOf(messages: readonly Message[]): Buffer {
  return Buffer.concat(
    messages.map(({ type, length, body }) => {
      const header = Buffer.alloc(4);
      header.writeUInt8(type & 0xff, 0);
      header.writeUIntBE(length & 0xffffff, 1, 3);
      return Buffer.concat([header, body]);
    }),
  );
}

/** Messages from the bytes of an honest flight. */
export function messagesOf(bytes: Buffer): readonly Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUIntBE(at + 1, 3);
    messages.push({ type: bytes.readUInt8(at), length, body: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return messages;
}

export function mutateMessages(messages: readonly Message[], all: readonly Step[]): readonly Message[] {
  return all.reduce((current, step) => (step.on === 'message' ? mutateMessage(current, step) : current), messages);
}

function mutateMessage(messages: readonly Message[], { at, act, value: by }: Step): readonly Message[] {
  const index = messages.length === 0 ? 0 : at % messages.length;
  const message = messages[index];
  if (!message) return messages;
  const put = (...others: readonly Message[]): readonly Message[] => messages.toSpliced(index, 1, ...others);
  const { body } = message;
  const honest = (changed: Buffer): Message => ({ ...message, body: changed, length: changed.length });
  switch (act) {
    case 'type':
      return put({ ...message, type: by & 0xff });
    case 'length':
      return put({ ...message, length: by % 3 === 0 ? by : message.length + (by % 5) - 2 });
    case 'drop':
      return put();
    case 'double':
      return put(...Array.from({ length: 1 + (by % 3) }, () => message), message);
    case 'swap': {
      const other = messages[by % messages.length];
      return other ? messages.with(index, other).with(by % messages.length, message) : messages;
    }
    case 'cut':
      return put(honest(body.subarray(0, body.length === 0 ? 0 : by % body.length)));
    case 'grow':
      return put(honest(Buffer.concat([body, Buffer.alloc(by % 4096, by & 0xff)])));
    case 'field':
      return put(honest(withField(body, at, by)));
    default:
      return put(honest(withByte(body, at, by)));
  }
}

/** A length of two bytes, near the front where the fields are. */
function withField(body: Buffer, at: number, by: number): Buffer {
  if (body.length < 2) return body;
  const changed = Buffer.from(body);
  changed.writeUInt16BE(by & 0xffff, (at >> 4) % Math.min(body.length - 1, 200));
  return changed;
}

function withByte(body: Buffer, at: number, by: number): Buffer {
  if (body.length === 0) return body;
  const changed = Buffer.from(body);
  changed.writeUInt8(by & 0xff, at % body.length);
  return changed;
}

/** Cuts honest records apart, mutates them, and puts them together again. */
export function mutateRecords(bytes: Buffer, all: readonly Step[]): Buffer {
  const mine = all.filter(({ on }) => on === 'record');
  if (mine.length === 0) return bytes;
  const records: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = Math.min(bytes.length, at + 5 + bytes.readUInt16BE(at + 3));
    records.push(bytes.subarray(at, end));
    at = end;
  }
  for (const step of mine) mutateRecord(records, step);
  return Buffer.concat(records);
}

function recordFrom(type: number, version: number, body: Buffer, length = body.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(type & 0xff, 0);
  header.writeUInt16BE(version & 0xffff, 1);
  header.writeUInt16BE(length & 0xffff, 3);
  return Buffer.concat([header, body]);
}

function mutateRecord(records: Buffer[], { at, act, value: by }: Step): void {
  const index = records.length === 0 ? 0 : at % records.length;
  const record = records[index];
  if (!record || record.length < 5) return;
  const [type, version, body] = [record.readUInt8(0), record.readUInt16BE(1), record.subarray(5)];
  const put = (...others: readonly Buffer[]): void => void records.splice(index, 1, ...others);
  switch (act) {
    case 'type':
      return put(recordFrom(by, version, body));
    case 'version':
      return put(recordFrom(type, by, body));
    case 'length':
      return put(recordFrom(type, version, body, by % 3 === 0 ? by : body.length + (by % 5) - 2));
    case 'drop':
      return put();
    case 'double':
      return put(record, record);
    case 'split':
      return put(...split(body, 1 + (by % 300)).map((piece) => recordFrom(type, version, piece)));
    case 'alert':
      return put(recordFrom(21, version, Buffer.from([by % 2 === 0 ? 2 : 1, (by >> 1) & 0xff])), record);
    case 'warnings':
      return put(...Array.from({ length: 1 + (by % 50) }, () => recordFrom(21, version, Buffer.from([1, 90]))), record);
    default:
      return put(recordFrom(20, version, Buffer.from([1])), record);
  }
}

function split(body: Buffer, size: number): readonly Buffer[] {
  const count = Math.min(2000, Math.max(1, Math.ceil(body.length / size)));
  return Array.from({ length: count }, (_, index) => body.subarray(index * size, (index + 1) * size));
}

export function mutateBytes(bytes: Buffer, all: readonly Step[]): Buffer {
  return all.reduce((current, step) => (step.on === 'byte' ? mutateByte(current, step) : current), bytes);
}

function mutateByte(bytes: Buffer, { at, act, value: by }: Step): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (act) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << (by & 7))]), after.subarray(1)]);
    case 'set':
      return Buffer.concat([before, Buffer.from([by & 0xff]), after.subarray(1)]);
    case 'drop':
      return Buffer.concat([before, after.subarray(1 + (by % 64))]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(1 + (by % 64), by & 0xff), after]);
    default:
      return before;
  }
}

/** Pieces as they might arrive: `sizes` over and over. */
export function pieces(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? bytes.length);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}
