// The last reading as a file.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { EstateReading } from '../../../src/azure/access.ts';
import { keep, readKept } from '../../../src/ui/keptEstate.ts';
import { instance } from '../../support/instances.ts';

const map = { 'Some.Key': 'True' };
const reading: EstateReading = {
  subscriptions: [{ id: 's', name: 'Sub', tenantId: 't' }],
  instances: [
    instance({ name: 'a', customProperties: map }),
    instance({ name: 'b', customProperties: map, etag: null, hosts: [] }),
    instance({ name: 'c', customProperties: null }),
  ],
  gateways: [
    {
      id: 'g',
      name: 'gw',
      resourceGroup: 'rg',
      subscriptionId: 's',
      tenantId: 't',
      location: 'westeurope',
      tier: 'WorkspaceGatewayPremium',
      units: 1,
      provisioningState: 'Succeeded',
      readAt: '2026-11-20T12:00:00Z',
    },
  ],
  failures: [{ scope: 'subscription', id: 'x', name: 'X', code: 'AuthorizationFailed', message: 'Not you.' }],
  notAsked: [{ id: 'y', name: 'Y', tenantId: 't' }],
};
const kept = { reading, takenAt: '2026-11-20T12:00:00Z' };
const owner = 'https://arm.example\nhttps://login.example\nme@contoso.example';

describe('kept estate', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-kept-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = async () => path.join(folder, (await readdir(folder))[0] ?? '');

  it('gives back what was kept, with one copy of equal maps', async () => {
    await keep(folder, owner, kept);
    const found = await readKept(folder, owner);
    assert.deepEqual(found, kept);
    assert.equal(found?.reading.instances[0]?.customProperties, found?.reading.instances[1]?.customProperties);
  });

  it('keeps each cloud and account apart, and the last reading only', async () => {
    await keep(folder, owner, kept);
    await keep(folder, owner, { ...kept, takenAt: '2026-11-21T12:00:00Z' });
    assert.equal((await readdir(folder)).length, 1);
    assert.equal((await readKept(folder, owner))?.takenAt, '2026-11-21T12:00:00Z');
    assert.equal(await readKept(folder, 'somebody else'), null);
  });

  it('is nothing where there is no file', async () => {
    assert.equal(await readKept(path.join(folder, 'none'), owner), null);
  });

  it('is nothing where the file is damaged anywhere', async () => {
    await keep(folder, owner, kept);
    const whole = await readFile(await file());
    for (const at of [0, 12, Math.floor(whole.length / 2), whole.length - 5]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await writeFile(await file(), damaged);
      assert.equal(await readKept(folder, owner), null, `byte ${at}`);
    }
    await writeFile(await file(), whole.subarray(0, whole.length / 2));
    assert.equal(await readKept(folder, owner), null, 'half');
  });

  it('is nothing where it is of another version, of another owner, or of another shape', async () => {
    await keep(folder, owner, kept);
    const plain = JSON.parse(gunzipSync(await readFile(await file())).toString()) as Record<string, unknown>;
    for (const change of [
      { format: 2 },
      { owner: 'x' },
      { shape: 'id,name' },
      { instances: null },
      { maps: [{ a: 1 }] },
    ]) {
      await writeFile(await file(), gzipSync(JSON.stringify({ ...plain, ...change })));
      assert.equal(await readKept(folder, owner), null, JSON.stringify(change));
    }
    await writeFile(await file(), gzipSync(JSON.stringify(plain)));
    assert.deepEqual(await readKept(folder, owner), kept);
  });
});
