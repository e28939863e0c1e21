// How many connections an endpoint gets at once.

import assert from 'node:assert/strict';
import { Slots } from '../../../src/probe/slots.ts';

async function taken(slots: Slots, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await slots.acquire();
}

describe('connections at once', () => {
  it('are never more than may be, first come, first served', async () => {
    const slots = new Slots(2);
    await taken(slots, 2);
    const order: number[] = [];
    const waiting = [1, 2].map((name) => slots.acquire().then(() => order.push(name)));
    assert.equal(slots.limit, 2);
    slots.release();
    await waiting[0];
    assert.deepEqual(order, [1]);
    slots.release();
    await waiting[1];
    assert.deepEqual(order, [1, 2]);
    assert.equal(new Slots(0.5).limit, 1);
  });

  it('are half as many after a loss, after some stillness, and more again while all goes well', async () => {
    const slots = new Slots(8);
    await taken(slots, 8);
    assert.equal(slots.stillFor, 0);
    slots.lost();
    slots.lost();
    assert.ok(slots.stillFor > 50 && slots.stillFor <= 125, `${slots.stillFor} ms`);
    for (let index = 0; index < 8; index += 1) slots.release();
    assert.equal(slots.limit, 4, 'losses at the same moment are one sign');
    for (let index = 0; index < 16; index += 1) slots.answered();
    assert.equal(slots.limit, 5);
    for (let index = 0; index < 160; index += 1) slots.answered();
    assert.equal(slots.limit, 8, 'never more than at first');
  });

  it('are half as many when answers come late, without any stillness', async () => {
    const slots = new Slots(4);
    await taken(slots, 4);
    assert.equal(slots.slowed(), true);
    assert.equal(slots.slowed(), false);
    assert.equal(slots.stillFor, 0);
    for (let index = 0; index < 4; index += 1) slots.release();
    assert.equal(slots.limit, 2);
  });
});
