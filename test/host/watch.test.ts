// A change that breaks a backend, made in spite of its blocker: the logs tell, and the way back is one button.

import assert from 'node:assert/strict';
import { commands, env, workspace } from 'vscode';
import { answerWith } from '../support/host/answers.ts';
import type { Answers, Script } from '../support/host/answers.ts';

const shop = 'contoso-shop-prod';
const broken = /contoso-shop-prod: \d+ requests to (inventory|orders)-api failed with BackendConnectionFailure/;

async function answered(script: Script, work: (answers: Answers) => Promise<void>): Promise<void> {
  const answers = answerWith(script);
  try {
    await work(answers);
  } finally {
    answers.restore();
  }
}

async function idOf(name: string): Promise<string> {
  await answered({ pick: () => name }, async () => {
    await commands.executeCommand('apimTls.copyId');
  });
  return env.clipboard.readText();
}

const failures = ({ shown }: Answers) => shown.filter(({ text }) => broken.test(text));

describe('a change that breaks a backend', () => {
  before(async () => {
    await workspace.getConfiguration('apimTls').update('sample.changeDuration', 3, true);
    await commands.executeCommand('apimTls.openSample');
    await commands.executeCommand('apimTls.resetSample');
    await commands.executeCommand('apimTls.refresh');
  });

  it('is saved in spite of its blocker, told by the logs, and undone from there', async function () {
    this.timeout(120_000);
    const script: Script = {
      pick: ({ title, items }) => (title.startsWith('Apply to') ? 'Modern' : items[0]?.label),
      input: () => shop,
      confirm: ({ text }) => (text.startsWith('Undo') ? 'Undo change' : 'Apply'),
      press: ({ text }) => (broken.test(text) ? 'Undo' : undefined),
    };
    await answered(script, async (answers) => {
      await commands.executeCommand('apimTls.applyPreset', await idOf(shop));
      const question = answers.shown.find(({ modal }) => modal);
      assert.match(question?.detail ?? '', /Blockers are overridden: \d/);
      const done = await answers.message(/contoso-shop-prod: the change is done and read back as sent/);
      assert.match(done.text, /gateway was seen to refuse .*TLS 1\.0/);
      const told = await answers.message(broken);
      assert.equal(told.kind, 'showWarningMessage');
      assert.match(told.text, /, 0 in the same time before\..*As of /);
      await answers.message(/contoso-shop-prod: the change is undone and read back/);
      assert.equal(failures(answers).length, 1, 'told once');
      assert.deepEqual(
        answers.shown.filter(({ kind }) => kind === 'showErrorMessage').map(({ text }) => text),
        [],
      );
    });
  });
});
