// Drafts of several windows: none writes over another's, and each is told of the others'.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDrafts } from '../../../src/ui/drafts.ts';
import type { KeptDraft } from '../../../src/messages/editor.ts';

const instanceId = '/subscriptions/s/service/One';
const draft = (changes: KeptDraft['changes']): KeptDraft => ({
  instanceId,
  base: { etag: 'e', map: { a: 'True' } },
  changes,
});
const [x, y, z] = [{ 'client.tls10': 'off' }, { 'client.tls11': 'off' }, { 'backend.tls10': 'off' }] as const;

describe('drafts of windows', () => {
  let folder = '';
  let time = Date.UTC(2026, 10, 20, 12);
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'drafts-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const window = () =>
    openDrafts(
      () => path.join(folder, 'drafts'),
      () => new Date((time += 1000)),
    );
  type Window = ReturnType<typeof window>;
  const offered = async (from: Window) => (await from.others(instanceId)).map(({ draft: { changes } }) => changes);

  it('are none at first, and then the newest, whatever the case of the id', async () => {
    const [one] = [window()];
    assert.deepEqual((await one.begin(instanceId)).draft, null);
    await one.keep(draft(x));
    await one.keep(draft(y));
    assert.deepEqual(await one.of(instanceId.toUpperCase()), draft(y));
    assert.deepEqual(await one.others(instanceId), []);
    assert.equal((await readdir(path.join(folder, 'drafts'))).length, 1);
  });

  it('stand beside each other, and each window is offered that of the other', async () => {
    const [one, other] = [window(), window()];
    await Promise.all([one.begin(instanceId), other.begin(instanceId)]);
    await one.keep(draft(x));
    await other.keep(draft(y));
    assert.deepEqual([await one.of(instanceId), await other.of(instanceId)], [draft(x), draft(y)]);
    assert.deepEqual([await offered(one), await offered(other)], [[y], [x]]);
    await one.keep(draft({}));
    assert.deepEqual(await other.of(instanceId), draft(y), 'an emptied draft takes nothing from the other');
    assert.deepEqual(await offered(other), []);
  });

  it('are offered again only when they are changed again', async () => {
    const [one, other] = [window(), window()];
    await Promise.all([one.begin(instanceId), other.begin(instanceId)]);
    await one.keep(draft(x));
    await other.keep(draft(y));
    const [found] = await one.others(instanceId);
    assert.ok(found);
    await one.settle(instanceId, { ...found, taken: false });
    assert.deepEqual([await offered(one), await offered(other)], [[], [x]]);
    const [mine] = await other.others(instanceId);
    assert.ok(mine);
    await other.settle(instanceId, { ...mine, taken: false });
    assert.deepEqual([await offered(one), await offered(other)], [[], []], 'to settle is no change');
    await other.keep(draft(z));
    assert.deepEqual([await offered(one), await offered(other)], [[z], []]);
  });

  it('that were left come again once the own one is over, and those that were taken over do not', async () => {
    const [one, other] = [window(), window()];
    await Promise.all([one.begin(instanceId), other.begin(instanceId)]);
    await other.keep(draft(y));
    const [first] = await one.others(instanceId);
    assert.ok(first);
    await one.settle(instanceId, { ...first, taken: false });
    await one.keep(draft({}));
    assert.deepEqual(await offered(one), [], 'nothing was drafted here in between');
    await one.keep(draft(x));
    assert.deepEqual(await offered(one), []);
    assert.deepEqual(await offered(window()), [x, y], 'a further window has the choice');
    await one.keep(draft({}));
    assert.deepEqual(await offered(one), [y]);
    await one.settle(instanceId, { ...first, taken: true });
    await one.keep(draft(y));
    await one.keep(draft({}));
    assert.deepEqual(await offered(one), []);
  });

  it('are begun with by a new window, which is told where they come from', async () => {
    const [one, other] = [window(), window()];
    await one.begin(instanceId);
    await one.keep(draft(x));
    const begun = await other.begin(instanceId);
    assert.deepEqual(begun.draft, draft(x));
    assert.ok(begun.from !== null);
    await other.keep(draft({ ...x, ...y }));
    assert.deepEqual(await offered(other), [], 'what it goes on from is no other draft');
    assert.deepEqual(await offered(one), [{ ...x, ...y }]);
    assert.deepEqual((await window().begin(instanceId)).draft, draft({ ...x, ...y }), 'the one that went on');
  });

  it('are found again by their page after a reload of the window, whatever others have drafted since', async () => {
    const [one, other] = [window(), window()];
    const { writer } = await one.begin(instanceId);
    await one.keep(draft(x));
    await other.begin(instanceId);
    await other.keep(draft(y));
    const reloaded = window();
    const begun = await reloaded.begin(instanceId, writer);
    assert.deepEqual([begun.draft, begun.from, begun.writer], [draft(x), null, writer]);
    assert.deepEqual(await offered(reloaded), [y]);
    await reloaded.keep(draft(z));
    assert.equal((await readdir(path.join(folder, 'drafts'))).length, 2);
  });

  it('are not replaced where the page is shown again, or the editor opened again', async () => {
    const [one, other] = [window(), window()];
    await one.begin(instanceId);
    await other.begin(instanceId);
    await other.keep(draft(y));
    assert.equal((await one.begin(instanceId)).draft, null, 'the page goes by its own state');
    assert.deepEqual(await offered(one), [y]);
    await one.keep(draft(x));
    const again = await one.begin(instanceId);
    assert.deepEqual([again.draft, again.from], [draft(x), null]);
  });

  it('part where two pages have the same state, such as that of one restored twice', async () => {
    const { writer } = await window().begin(instanceId);
    const [one, twin] = [window(), window()];
    await one.begin(instanceId, writer);
    await twin.begin(instanceId, writer);
    await one.keep(draft(x));
    await twin.keep(draft(y));
    assert.deepEqual([await one.of(instanceId), await twin.of(instanceId)], [draft(x), draft(y)]);
    assert.deepEqual([await offered(one), await offered(twin)], [[y], [x]]);
  });

  it('that were discarded do not come back, and what is empty or gone on from is forgotten after a month', async () => {
    const [one, other] = [window(), window()];
    await one.begin(instanceId);
    await one.keep(draft(x));
    await other.begin(instanceId);
    await other.keep(draft({}));
    assert.deepEqual((await window().begin(instanceId)).draft?.changes, {});
    await other.keep(draft(y));
    time += 31 * 24 * 60 * 60_000;
    assert.deepEqual((await window().begin(instanceId)).draft, draft(y));
    assert.equal((await readdir(path.join(folder, 'drafts'))).length, 1);
  });

  it('of a file from before windows had their own, or a garbled one, do no harm', async () => {
    const one = window();
    const { writer } = await one.begin(instanceId);
    await one.keep(draft(x));
    const [name = ''] = await readdir(path.join(folder, 'drafts'));
    assert.ok(name.includes(writer));
    await rm(path.join(folder, 'drafts', name));
    const old = path.join(folder, 'drafts', name.replace(`.${writer}`, ''));
    await writeFile(old, JSON.stringify(draft(y)));
    const begun = await window().begin(instanceId);
    assert.deepEqual([begun.draft, begun.from], [draft(y), null]);
    await writeFile(old, '{"instanceId":');
    assert.equal((await window().begin(instanceId)).draft, null);
  });

  it('take no name of a file from a page', async () => {
    const one = window();
    const { writer } = await one.begin(instanceId, '../../../evil');
    assert.match(writer, /^[\da-f-]{36}$/);
    await one.keep(draft(x));
    await one.settle(instanceId, { writer: '__proto__', at: 'x', taken: true });
    assert.deepEqual(await readdir(folder), ['drafts']);
    assert.deepEqual(await one.of(instanceId), draft(x));
  });

  it('are told of as soon as another window writes, until nobody listens', async () => {
    const [one, other] = [window(), window()];
    await other.begin(instanceId);
    await other.keep(draft(y));
    const heard = Promise.withResolvers<void>();
    const watching = one.watch(instanceId, () => heard.resolve());
    // The system begins to watch when it likes.
    let written = Promise.resolve();
    const write = () => {
      written = written.then(() => other.keep(draft(z)));
    };
    const writing = setInterval(write, 50);
    await heard.promise;
    clearInterval(writing);
    await written;
    watching.dispose();
  });
});
