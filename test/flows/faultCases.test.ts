// Each case of docs/faults.md is played: what the user sees and what is kept are what the page says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resultText } from '../../src/core/wording.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import { cases } from './faultCases.ts';
import { walk } from './walk.ts';
import type { Walked } from './walk.ts';

interface Row {
  readonly id: string;
  readonly sees: string;
  readonly kept: string;
  readonly remedy: string;
}

const page = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8');
const rows: readonly Row[] = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [id = '', , sees = '', kept = '', remedy = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { id: id.replaceAll('`', ''), sees, kept, remedy };
  });

/** Durations are those of the scene's clock. */
const withoutTime = (text: string) => text.replace(/It took [^.…]+\./, 'It took ….');

function keptText({ notes, map }: Walked): string {
  if (notes.kept.size > 0) return 'The operation.';
  // Whatever is sent is kept before.
  if (notes.steps.length === 0) return 'Nothing was sent.';
  const last = notes.history.at(-1);
  assert.ok(last);
  const settings = {
    before: 'Settings as before.',
    after: 'Settings as sent.',
    another: 'Settings other than sent.',
    gone: 'The instance is gone.',
  };
  return `History: ${resultText(last.result)}. ${settings[map]}`;
}

describe('docs/faults.md', () => {
  it('has a row for each case, and a case for each row', () => {
    assert.deepEqual(
      rows.map(({ id }) => id),
      cases.map(({ id }) => id),
    );
    assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
  });

  for (const one of cases) {
    it(`says what comes of ${one.id}`, async () => {
      const walked = await walk(one);
      assert.deepEqual([walked.apply, walked.follow ?? undefined], [one.apply, one.follow]);
      const row = rows.find(({ id }) => id === one.id);
      assert.ok(row);
      assert.equal(withoutTime(walked.says), row.sees);
      assert.equal(keptText(walked), row.kept);
      assert.notEqual(row.remedy, '');
      assert.doesNotMatch(JSON.stringify([walked.says, walked.notes.history, walked.operation]), /sample:|Bearer/);
    });
  }

  for (const one of cases.filter(({ follow }) => follow?.startsWith('stopped'))) {
    it(`follows on after ${one.id}, and sends nothing again`, async () => {
      const { scene, notes, operation } = await walk(one);
      assert.ok(operation);
      scene.faults.clear();
      const input = { ...notes, azure: scene.connect(), operation, now: scene.now, pause: scene.pause };
      assert.equal((await followOperation(input)).kind, 'done');
      assert.deepEqual([scene.patches(), notes.kept.size, notes.history.at(-1)?.result], [1, 0, 'done']);
    });
  }

  it('writes the entry of an instance that was moved where it was and where it is', async () => {
    const moved = cases.find(({ id }) => id === 'moved-while-following');
    assert.ok(moved);
    const { notes, scene, operation } = await walk(moved);
    const ended = notes.history.filter(({ result }) => result === 'done').map(({ instanceId }) => instanceId);
    const { instances } = await scene.connect().readEstate();
    const now = instances.find(({ name }) => name === operation?.instanceName)?.id;
    assert.deepEqual(ended.sort(), [operation?.instanceId, now].sort());
  });

  it('renews tokens before they end, however long a change takes', async () => {
    const long = cases.find(({ id }) => id === 'token-expires-while-following');
    assert.ok(long);
    const { scene, notes } = await walk(long);
    const [first, last] = [notes.history[0]?.startedAt, notes.history.at(-1)?.endedAt].map((at) =>
      Date.parse(at ?? ''),
    );
    assert.ok((last ?? 0) - (first ?? 0) >= 45 * 60_000);
    const polls = scene.requests.filter(({ path }) => path.includes('/operationresults/')).length;
    assert.ok(polls >= 44 && polls <= 47, `${polls} polls, once a minute`);
  });
});
