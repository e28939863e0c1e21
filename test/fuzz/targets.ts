// What is fuzzed, and what has to hold whatever a server sends. Each throws at the first fact that nothing supports.

import assert from 'node:assert/strict';
import { protocolCode } from '../../src/core/tls/protocols.ts';
import { judgeChain } from '../../src/probe/certificate.ts';
import { readCertificate } from '../../src/probe/certificateFields.ts';
import { Client12 } from '../../src/probe/client12.ts';
import { Client13 } from '../../src/probe/client13.ts';
import type { Outcome } from '../../src/probe/connection.ts';
import { Malformed } from '../../src/probe/bytes.ts';
import { judge, ReplyReader, type Reply } from '../../src/probe/handshake.ts';
import { readStaple } from '../../src/probe/ocsp.ts';
import { workableSuites12 } from '../../src/probe/handshake12.ts';
import { keyAgreement } from '../../src/probe/keyShares.ts';
import { NotTls } from '../../src/probe/records.ts';
import { readHttpAnswer } from '../../src/probe/requestFacts.ts';
import { capturedHandshakes, sentHello } from '../stacks/handshakes.ts';
import { messageOf, recordOf } from '../unit/probe/servers.ts';
import {
  bytesOf,
  messagesOf,
  mutateBytes,
  mutateMessages,
  mutateRecords,
  pieces,
  type Message,
  type Step,
} from './mutations.ts';
import { establish } from './servers13.ts';
import { witness } from './witness.ts';

/** One mutated answer: which one, how it is changed, in which pieces it comes. */
export interface Case {
  readonly base: number;
  readonly steps: readonly Step[];
  readonly sizes: readonly number[];
  /** Picks the target; most go to the first flight. */
  readonly target: number;
}

interface Base {
  readonly name: string;
  readonly answer: Buffer;
  /** The messages of the clear flight; empty where it is an alert only. */
  readonly messages: readonly Message[];
  readonly sent: ReturnType<typeof sentHello>;
  readonly certificate: Buffer;
  /** The part of it that is signed. */
  readonly signed: Buffer;
  readonly root: string;
}

const bases: readonly Base[] = capturedHandshakes().map((captured) => {
  const answer = Buffer.from(captured.answer, 'hex');
  const { name, certificate, root } = captured;
  const signed = certificate.subarray(4, 8 + certificate.readUInt16BE(6));
  return {
    name,
    answer,
    messages: messagesOf(witness(answer).stream),
    sent: sentHello(captured),
    certificate,
    signed,
    root,
  };
});

const baseOf = ({ base }: Case): Base => bases[base % bases.length] as Base;
const has = (stream: Buffer, part: Buffer): boolean => stream.includes(part);

function mutatedFlight({ answer, messages, sent }: Base, steps: readonly Step[]): Buffer {
  const version = Math.min(protocolCode[sent.offer.versions[0] ?? 'tls12'], 0x0303);
  const changed = steps.some(({ on }) => on === 'message') && messages.length > 0;
  const flight = changed ? recordOf(22, version, bytesOf(mutateMessages(messages, steps)).subarray(0, 0xffff)) : answer;
  return mutateBytes(mutateRecords(flight, steps), steps);
}

/** As connection.ts does it: whatever is thrown comes from the peer's bytes. */
function heard<T>(parts: readonly Buffer[], push: (piece: Buffer) => T | undefined): Outcome<T> {
  for (const part of parts) {
    try {
      const value = push(part);
      if (value !== undefined) return { kind: 'value', value };
    } catch (error) {
      if (error instanceof NotTls) return { kind: 'not-tls', plainHttp: error.plainHttp, start: error.start };
      assert.ok(error instanceof Malformed, `thrown: ${String(error)}`);
      return { kind: 'malformed', why: error.message };
    }
  }
  return { kind: 'ended', end: 'close', connected: true, afterMs: 1 };
}

const refusals = [40, 70, 71];

/** The first flight in clear: parser and judgement. */
export function flight(input: Case): void {
  const base = baseOf(input);
  const bytes = mutatedFlight(base, input.steps);
  const reader = new ReplyReader('flight');
  const outcome = heard<Reply>(pieces(bytes, input.sizes), (piece) => reader.push(piece));
  const reply = reader.partial;
  const result = judge(base.sent, outcome.kind !== 'value' && reply ? { kind: 'value', value: reply } : outcome);
  if (result.answer === 'unknown') return;
  const truth = witness(bytes);
  if (result.answer === 'no') {
    const older = truth.hello !== null && truth.hello.version < protocolCode[base.sent.offer.versions[0] ?? 'tls13'];
    assert.ok(older || refusals.includes(truth.alert ?? -1), `a no without a refusal: ${result.why}`);
    return;
  }
  assert.ok(result.version !== null && result.suite !== null);
  assert.ok(base.sent.offer.versions.includes(result.version), 'a version that was not offered');
  assert.ok(base.sent.offer.suites.includes(result.suite), 'a suite that was not offered');
  assert.deepEqual(truth.hello, { version: protocolCode[result.version], suite: result.suite });
  const { flight: found } = result;
  if (!found) return;
  for (const der of found.chain) assert.ok(has(truth.stream, der), 'a certificate that was not sent');
  if (found.request) assert.ok(truth.types.has(13), 'a request that was not sent');
  if (found.complete) assert.ok(truth.types.has(14), 'an end that was not sent');
}

const now = Date.now();

/** A certificate and a stapled response, and the chain that is made of it. */
export function certificate(input: Case): void {
  const { certificate: original, signed, root } = baseOf(input);
  const der = mutateBytes(original, asBytes(input.steps));
  const fields = readCertificate(der);
  readStaple(der, { chain: [original], extraRoots: [root], now });
  readHttpAnswer(der);
  if (!fields) return;
  const evidence = judgeChain([der, original], { host: '127.0.0.1', now, expiresSoonDays: 30, extraRoots: [root] });
  // Whoever signed it did not sign this: a change in what is signed cannot be trusted.
  if (evidence?.trust?.mozilla.trusted === 'yes') assert.ok(has(der, signed), 'a forged certificate is trusted');
}

function asBytes(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => (step.on === 'byte' ? step : { ...step, on: 'byte', act: 'set' }));
}

const silent = { atMost: () => undefined, elapsedMs: 1 };
const request = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
const emptyRequest = Buffer.from('000000040000', 'hex');

/** The client of TLS 1.3, on messages that are encrypted after they were changed. */
export function client13(input: Case): void {
  const { certificate: der } = baseOf(input);
  const chain = Buffer.concat([Buffer.from([0]), list24(Buffer.concat([list24(der), Buffer.alloc(2)]))]);
  const asks = input.base % 2 === 0;
  const honest: readonly Message[] = [
    { type: 8, body: Buffer.alloc(2), length: 2 },
    ...(asks ? [{ type: 13, body: certificateRequest, length: certificateRequest.length }] : []),
    { type: 11, body: chain, length: chain.length },
    { type: 15, body: Buffer.alloc(68, 1), length: 68 },
  ];
  const later = [messageOf(4, Buffer.alloc(20, 1)), messageOf(13, certificateRequest), messageOf(24, Buffer.alloc(1))];
  const client = new Client13({
    serverName: null,
    form: 'shares',
    agreements: keyAgreement,
    ...(input.target % 2 === 0 ? { request } : {}),
  });
  const encrypted = bytesOf(mutateMessages(honest, input.steps.slice(0, 2)));
  const server = establish(client.first, encrypted, input.target % 7 !== 0);
  const said = messagesOf(Buffer.concat(later));
  const after = bytesOf(mutateMessages(said, input.steps.slice(2)));
  const alert = input.target % 5 === 0 ? [server.later(21, Buffer.from([2, input.base & 0xff]))] : [];
  const stream = Buffer.concat([server.flight, server.later(22, after), ...alert, server.later(23, httpAnswer)]);
  const bytes = mutateBytes(stream, input.steps.length > 3 ? input.steps : []);
  heardByClient(pieces(bytes, input.sizes), (piece) => client.push(piece, { ...silent, send: () => undefined }));
  const { facts } = client;
  for (const found of facts.chain) assert.ok(has(encrypted, found), 'a certificate that was not sent');
  const types = new Set(messagesOf(encrypted).map(({ type }) => type));
  if (facts.clientCertificate === 'optional' || facts.clientCertificate === 'required') assert.ok(types.has(13));
  if (facts.clientCertificate === 'required') assert.ok(alert.length > 0, 'required without an alert');
  if (facts.request.asked)
    assert.ok(
      messagesOf(after).some(({ type }) => type === 13),
      'asked without a request',
    );
  if (facts.request.without === 'required') assert.ok(alert.length > 0, 'required without an alert');
}

const certificateRequest = Buffer.concat([
  emptyRequest.subarray(0, 1),
  u16Of(8),
  Buffer.from('000d000400020403', 'hex'),
]);
const httpAnswer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

function u16Of(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function list24(body: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(body.length, 0, 3);
  return Buffer.concat([length, body]);
}

/** The crypto library may refuse a key or a record as well; connection.ts counts that as malformed. */
function heardByClient(parts: readonly Buffer[], push: (piece: Buffer) => true | undefined): void {
  try {
    for (const part of parts) if (push(part)) return;
  } catch (error) {
    assert.ok(
      !(error instanceof assert.AssertionError) && !(error instanceof RangeError && /stack/.test(error.message)),
    );
    assert.ok(error instanceof Error);
    if (error instanceof TypeError && !('code' in error)) throw error;
  }
}

/** The client of SSL 3.0 to TLS 1.2, on clear flights that it cannot finish: it sends its half, and learns nothing more. */
export function client12(input: Case): void {
  const older = bases.filter(({ sent }) => /^(ssl3|tls1[012])$/.test(sent.offer.versions[0] ?? ''));
  const base = older[input.base % older.length] as Base;
  const version = base.sent.offer.versions[0];
  if (version === undefined || version === 'tls13') return;
  const lists = workableSuites12(version);
  const suites = lists[input.target % lists.length] ?? [];
  const client = new Client12({ version, form: 'full', serverName: null, suites, request });
  const bytes = mutatedFlight(base, input.steps);
  heardByClient(pieces(bytes, input.sizes), (piece) => client.push(piece, { ...silent, send: () => undefined }));
  const { facts } = client;
  assert.deepEqual([facts.sent, facts.asked, facts.without, facts.answer], [false, null, null, null]);
}

/** The share of each target among all runs. */
export function run(input: Case): void {
  const kind = input.target % 100;
  if (kind < 80) flight(input);
  else if (kind < 95) certificate(input);
  else if (kind < 98) client12(input);
  else client13(input);
}
