import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TabInputTextDiff, Uri, commands, env, window, workspace } from 'vscode';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { firstMap } from '../../src/emulator/maps.ts';
import { serviceId } from '../../src/emulator/model.ts';
import { answerWith } from '../support/host/answers.ts';
import type { Answers, Pick, Script } from '../support/host/answers.ts';

async function answered(script: Script, work: (answers: Answers) => Promise<void>): Promise<void> {
  const answers = answerWith(script);
  try {
    await work(answers);
    assert.deepEqual(
      answers.shown.filter(({ kind }) => kind === 'showErrorMessage').map(({ text }) => text),
      [],
    );
  } finally {
    answers.restore();
  }
}

const tabs = () => window.tabGroups.all.flatMap((group) => group.tabs);
/** Somebody else switches TLS 1.0 on for callers: in the file that the windows of the sample estate share. */
function changeElsewhere(instance: string): void {
  const [file] = globSync(path.join(__dirname, 'user-data', '**', 'sample', 'estate.json'));
  assert.ok(file, 'the file of the sample estate');
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    services: Record<string, { map: Record<string, string>; etag: string; provisioningState: string }>;
  };
  const key = `${keyPrefix}Security.Protocols.Tls10`;
  const service = sampleEstate.services.find((one) => one.name === instance);
  assert.ok(service);
  const map = { ...firstMap(service), [key]: 'True' };
  const id = serviceId(service).toLowerCase();
  const services = { ...state.services, [id]: { map, etag: `elsewhere-${instance}`, provisioningState: 'Succeeded' } };
  writeFileSync(file, JSON.stringify({ ...state, services }));
}

/** Resolves when a tab of this label is there. */
function opened(label: string): Promise<void> {
  const isOpen = () => tabs().some((tab) => tab.label === label);
  if (isOpen()) return Promise.resolve();
  return new Promise((resolve) => {
    const watching = window.tabGroups.onDidChangeTabs(() => {
      if (!isOpen()) return;
      watching.dispose();
      resolve();
    });
  });
}

/** Both sides of the diff editor that is open under a label. */
async function diffTexts(label: RegExp): Promise<readonly [string, string]> {
  const input = tabs().find((tab) => label.test(tab.label))?.input;
  assert.ok(
    input instanceof TabInputTextDiff,
    `${String(label)} in ${tabs()
      .map((tab) => tab.label)
      .join(', ')}`,
  );
  const text = async (uri: Uri) => (await workspace.openTextDocument(uri)).getText();
  return [await text(input.original), await text(input.modified)];
}

const first = ({ items }: Pick) => items[0]?.label;
const last = ({ items }: Pick) => items.at(-1)?.label;

describe('drift and history in the extension host', function () {
  this.timeout(90_000);
  const name = 'contoso-archive';

  async function preset(label: string): Promise<void> {
    const pick = ({ title, items }: Pick) =>
      title.startsWith('Choose') ? name : title.startsWith('Apply to') ? label : items[0]?.label;
    await answered({ pick, confirm: () => 'Apply' }, async (answers) => {
      await commands.executeCommand('apimTls.applyPreset');
      await answers.message(new RegExp(`${name}: the change is done and read back`));
    });
  }

  before(async () => {
    await workspace.getConfiguration('apimTls').update('sample.changeDuration', 1, true);
    await commands.executeCommand('apimTls.openSample');
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.resetSample');
      await commands.executeCommand('apimTls.showDrift');
      assert.deepEqual(answers.shown, [], 'nobody is met by a message on opening the sample estate');
    });
    await preset('Compatible');
    await preset('Modern');
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await commands.executeCommand('apimTls.resetSample');
  });

  it('shows what somebody else has changed, and nothing of our own changes', async () => {
    await answered({ pick: () => 'contoso-trust' }, async (answers) => {
      await commands.executeCommand('apimTls.showDrift');
      const { title, items } = answers.picks[0] ?? { title: '', items: [] };
      assert.equal(title, 'Changed since you last looked');
      assert.deepEqual(
        items.map(({ label, detail }) => [label, detail]),
        [['contoso-trust', 'TLS 1.1, client side: off → on']],
      );
      assert.match(items[0]?.description ?? '', /^Weaker than before, last seen 3 days ago$/);
      await opened('contoso-trust');
    });
  });

  it('accepts it as it is, for this session and the next', async () => {
    await answered({ pick: () => 'contoso-trust' }, async () => {
      await commands.executeCommand('apimTls.acceptDrift');
    });
    for (const again of ['now', 'after a refresh']) {
      await answered({}, async (answers) => {
        if (again !== 'now') await commands.executeCommand('apimTls.refresh');
        await commands.executeCommand('apimTls.showDrift');
        assert.equal(answers.shown.at(-1)?.text, 'Nothing has changed elsewhere since you last looked.', again);
      });
    }
  });

  it('tells once of everything that somebody else changes, in one message', async () => {
    const told = (answers: Answers) => answers.shown.filter(({ text }) => /since you last looked/.test(text));
    await answered({}, async (answers) => {
      changeElsewhere('contoso-audit');
      await commands.executeCommand('apimTls.refresh');
      // Nobody's write of that time is in the log yet, so nobody is named.
      await answers.message(/^contoso-audit changed since you last looked: TLS 1\.0, client side: off → on\.$/);
      await commands.executeCommand('apimTls.refresh');
      await commands.executeCommand('apimTls.showDrift');
      assert.equal(told(answers).length, 1, 'nothing is told twice');
      changeElsewhere('contoso-hub');
      changeElsewhere('contoso-global');
      await commands.executeCommand('apimTls.refresh');
      await answers.message(/^2 instances changed since you last looked\.$/);
      await commands.executeCommand('apimTls.showDrift');
      assert.deepEqual(
        answers.picks.at(-1)?.items.map(({ label }) => label),
        ['contoso-audit', 'contoso-global', 'contoso-hub'],
      );
      assert.equal(told(answers).length, 2);
    });
  });

  it('lists every change with what, when and by whom', async () => {
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.showChange');
      const items = answers.picks[0]?.items ?? [];
      assert.deepEqual(
        items.map(({ description }) => description),
        [name, name],
      );
      for (const { label, detail } of items) {
        assert.match(label, /→ off/);
        assert.match(detail ?? '', /sample@contoso\.example$/);
      }
    });
  });

  it('shows before and after, compares two states, and one with now', async () => {
    await answered({ pick: last }, async () => {
      await commands.executeCommand('apimTls.showChange');
      const [before, after] = await diffTexts(/before ↔ after the change/);
      assert.match(before, /TLS_RSA_WITH_3DES_EDE_CBC_SHA": "true"/);
      assert.match(after, /TLS_RSA_WITH_3DES_EDE_CBC_SHA": "false"/);
    });
    let asked = 0;
    await answered({ pick: (pick) => ((asked += 1) === 1 ? first(pick) : last(pick)) }, async ({ picks }) => {
      await commands.executeCommand('apimTls.compareHistory');
      assert.deepEqual(
        picks.map(({ items }) => items.length),
        [2, 1],
        'a change is not compared with itself',
      );
      const [older, newer] = await diffTexts(/after .* ↔ after/);
      assert.ok(newer.split('\n').length > older.split('\n').length, 'the older one is on the left');
    });
    await answered({ pick: first }, async () => {
      await commands.executeCommand('apimTls.compareWithNow');
      const [then, now] = await diffTexts(/↔ now/);
      assert.equal(then, now);
    });
  });

  it('copies and saves what it shows', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-save-'));
    try {
      await answered({}, async () => {
        await commands.executeCommand('apimTls.copyHistory');
        const text = await env.clipboard.readText();
        assert.equal(text.match(/^## contoso-archive: /gm)?.length, 2);
        assert.match(text, /backend hosts were probed before/);
      });
      for (const ending of ['csv', 'json']) {
        const file = path.join(folder, `history.${ending}`);
        await answered({ save: () => Uri.file(file) }, async () => {
          await commands.executeCommand('apimTls.saveHistory');
        });
        const text = readFileSync(file, 'utf8');
        if (ending === 'csv') assert.equal(text.trimEnd().split('\r\n').length, 3);
        else assert.equal((JSON.parse(text) as { entries: unknown[] }).entries.length, 2);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('goes back to the state before any change, by check and confirmation', async () => {
    await answered({ pick: last, confirm: () => undefined }, async (answers) => {
      await commands.executeCommand('apimTls.goBackBefore');
      assert.match(answers.shown.find(({ modal }) => modal)?.detail ?? '', /3DES.*off → on|15 to 45 minutes/);
    });
    await answered({ pick: last, confirm: () => 'Apply', input: () => name }, async (answers) => {
      await commands.executeCommand('apimTls.goBackBefore');
      await answers.message(new RegExp(`${name}: the change is done and read back`));
    });
    await answered({ pick: last }, async () => {
      await commands.executeCommand('apimTls.compareWithNow');
      const [, now] = await diffTexts(/↔ now/);
      assert.match(now, /TLS_RSA_WITH_3DES_EDE_CBC_SHA": "true"/);
    });
  });

  it('does with one change what is done with one, and claims nothing of what it did not see', async () => {
    const state = { [`${keyPrefix}Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA`]: 'true' };
    const id = serviceId(sampleEstate.services.find((one) => one.name === name) ?? assert.fail());
    const entry = { id: 'x', instanceId: id, kind: 'change', endedAt: null, who: '', detail: '', after: state };
    const row = (part: object) => ({
      kind: 'entry',
      entry: { ...entry, startedAt: '2001-02-03T04:05:06Z', before: {}, result: 'done', ...part },
    });
    const said = async (command: string, rows: readonly object[], pattern: RegExp) => {
      const answers = answerWith({});
      try {
        await commands.executeCommand(command, rows[0], rows);
        return await answers.message(pattern);
      } finally {
        answers.restore();
      }
    };
    await said('apimTls.undoChange', [row({}), row({ id: 'y' })], /^2 changes are selected.*Select one\.$/);
    await said('apimTls.compareHistory', [row({}), row({ id: 'y' }), row({ id: 'z' })], /^3 changes are selected/);
    await said('apimTls.goBackAfter', [row({ result: 'unknown' })], /^It was not seen what this change left/);
    await said('apimTls.undoChange', [row({ result: 'refused' })], /^This change was not written/);
    const then = { ...state, [`${keyPrefix}Protocols.Server.Http2`]: 'true' };
    const { detail } = await said('apimTls.goBackAfter', [row({ after: then })], /^Change the TLS settings of/);
    assert.match(detail, /^The change of .*2001.* was of an earlier instance of this name/);
  });

  it('undoes the change that is chosen', async () => {
    await answered({ pick: first, confirm: () => 'Undo change', input: () => name }, async (answers) => {
      await commands.executeCommand('apimTls.undoChange');
      await answers.message(new RegExp(`${name}: the change is undone and read back`));
    });
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.showChange');
      assert.match(answers.picks[0]?.items[0]?.label ?? '', /^Undone: /);
    });
  });
});
