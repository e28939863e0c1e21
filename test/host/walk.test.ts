import assert from 'node:assert/strict';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { authentication, commands, env, extensions, window, workspace } from 'vscode';
import { answerWith } from '../support/host/answers.ts';
import type { Answers, Script } from '../support/host/answers.ts';

const noFailure = (answers: Answers) =>
  assert.deepEqual(
    answers.shown.filter(({ kind }) => kind === 'showErrorMessage').map(({ text }) => text),
    [],
  );

async function answered(script: Script, work: (answers: Answers) => Promise<void>): Promise<void> {
  const answers = answerWith(script);
  try {
    await work(answers);
  } finally {
    answers.restore();
  }
}

/** The id of an instance of the sample estate, by way of the command that copies it. */
async function idOf(name: string): Promise<string> {
  await answered({ pick: () => name }, async () => {
    await commands.executeCommand('apimTls.copyId');
  });
  const id = await env.clipboard.readText();
  assert.match(id, new RegExp(`/service/${name}$`));
  return id;
}

/** Title and label of the list's choice for applying a preset. */
const choosing = (preset: string): Script => ({
  pick: ({ title, items }) => (title.startsWith('Apply to') ? preset : items[0]?.label),
  confirm: ({ text }) => (text.startsWith('Undo') ? 'Undo change' : 'Apply'),
  input: () => undefined,
});

describe('the sample estate in the extension host', () => {
  before(async () => {
    await workspace.getConfiguration('apimTls').update('sample.changeDuration', 3, true);
    await commands.executeCommand('apimTls.openSample');
    await commands.executeCommand('apimTls.refresh');
  });

  it('lists at least 14 instances with their state in words', async () => {
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.copyId');
      const items = answers.picks[0]?.items ?? [];
      assert.ok(items.length >= 14, `${items.length} instances`);
      for (const { label, detail } of items) assert.match(detail ?? '', /in, .* out|not stated/, label);
      noFailure(answers);
    });
  });

  it('runs every command of the palette to a sound end when every question is given up', async () => {
    const manifest = extensions.getExtension('apim-tls.apim-tls')?.packageJSON as {
      contributes: { commands: { command: string }[]; menus: { commandPalette: { command: string; when: string }[] } };
    };
    const never = manifest.contributes.menus.commandPalette
      .filter(({ when }) => when === 'false' || when === '!apimTls.sample')
      .map(({ command }) => command);
    // Signing in needs a person, and a secret an application; two commands change what the other tests stand on.
    const left = [...never, 'apimTls.signIn', 'apimTls.storeSecret', 'apimTls.closeSample', 'apimTls.resetSample'];
    for (const { command } of manifest.contributes.commands) {
      if (left.includes(command)) continue;
      await answered({}, async (answers) => {
        await commands.executeCommand(command);
        noFailure(answers);
      });
    }
  });

  it('shows what a probe saw as a document, with a link to JSON', async () => {
    const key = (await import('node:crypto')).generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // Without a certificate the server refuses every handshake, which is a fact too.
    const server = createServer({ key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      await commands.executeCommand('apimTls.probeHost', `https://127.0.0.1:${port}/x`);
      const text = window.activeTextEditor?.document.getText() ?? '';
      assert.match(text, new RegExp(`^# 127\\.0\\.0\\.1:${port}\n`));
      assert.match(text, /Open as JSON/);
      const uri = window.activeTextEditor?.document.uri;
      assert.ok(uri);
      const json = await workspace.openTextDocument(uri.with({ path: uri.path.replace(/md$/, 'json') }));
      const survey = JSON.parse(json.getText()) as { endpoint: { port: number }; protocols: Record<string, string> };
      assert.equal(survey.endpoint.port, port);
      assert.ok(Object.values(survey.protocols).every((answer) => answer !== 'yes'));
    } finally {
      server.close();
    }
  });

  it('refuses a malformed host with a sentence', async () => {
    for (const [text, sentence] of [
      ['', /^Type a host/],
      ['host:0', /^The port must be a number from 1 to 65535/],
      ['host:70000', /^The port must be a number from 1 to 65535/],
      ['[::1', /^This is not a valid host/],
      ['user:pw@host', /^Leave user name and password out/],
      ['ftp://host', /^Only https/],
      ['http://host', /^An http:\/\/ address has no TLS/],
      ['a b', /^A host or URL has no spaces/],
    ] as const) {
      await answered({}, async (answers) => {
        await commands.executeCommand('apimTls.probeHost', text);
        assert.match(answers.shown.at(-1)?.text ?? '', sentence, text);
      });
    }
  });

  it('probes the gateway of an instance at its sample listener', async () => {
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.probeGateway', await idOf('contoso-shop-dev'));
      noFailure(answers);
    });
    assert.match(window.activeTextEditor?.document.getText() ?? '', /\| TLS 1\.2 +\| yes/);
  });

  it('carries two changes at once to the end, reads them back, and undoes one', async function () {
    this.timeout(60_000);
    const [one, two] = [await idOf('contoso-shop-dev'), await idOf('contoso-archive')];
    await answered(choosing('Compatible'), async (answers) => {
      await Promise.all([
        commands.executeCommand('apimTls.applyPreset', one),
        commands.executeCommand('apimTls.applyPreset', two),
      ]);
      const questions = answers.shown.filter(({ modal }) => modal);
      assert.equal(questions.length, 2, answers.shown.map(({ text }) => text).join('\n'));
      for (const { detail } of questions) assert.match(detail, /→ off[\s\S]*15 to 45 minutes/);
      assert.match(
        questions.find(({ text }) => text.includes('contoso-shop-dev'))?.detail ?? '',
        /down during that time/,
      );
      const ends = await Promise.all([
        answers.message(/contoso-shop-dev: the change is done and read back/),
        answers.message(/contoso-archive: the change is done and read back/),
      ]);
      for (const { text } of ends) assert.match(text, /gateway was seen to refuse .*TLS 1\.0/);
      noFailure(answers);
    });
    await answered(choosing('Compatible'), async (answers) => {
      await commands.executeCommand('apimTls.applyPreset', one);
      await answers.message(/contoso-shop-dev is so already/);
    });
    await answered(choosing(''), async (answers) => {
      await commands.executeCommand('apimTls.undo', one);
      await answers.message(/contoso-shop-dev: the change is undone and read back/);
      noFailure(answers);
    });
  });

  it('writes nothing when the confirmation is cancelled', async () => {
    const id = await idOf('contoso-legacy');
    await answered({ ...choosing('Compatible'), confirm: () => undefined, input: () => undefined }, async (answers) => {
      await commands.executeCommand('apimTls.applyPreset', id);
      await commands.executeCommand('apimTls.showOperations');
      assert.equal(answers.shown.at(-1)?.text, 'No change is running.');
    });
  });

  it('says in a sentence that signing in did not work', async () => {
    const { getSession } = authentication;
    Object.assign(authentication, { getSession: () => Promise.reject(new Error('No provider is registered')) });
    try {
      await answered({}, async (answers) => {
        await commands.executeCommand('apimTls.signIn');
        assert.match(
          answers.shown.at(-1)?.text ?? '',
          /^Signing in .* did not work: No provider is registered\. Other/,
        );
      });
    } finally {
      Object.assign(authentication, { getSession });
    }
  });

  it('closes the editors of an estate that is left', async () => {
    const editors = () =>
      window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ label }) => label === 'contoso-hr');
    await commands.executeCommand('apimTls.edit', await idOf('contoso-hr'));
    const gone = new Promise<void>((resolve) => {
      const watching = window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (!closed.some(({ label }) => label === 'contoso-hr')) return;
        watching.dispose();
        resolve();
      });
    });
    await commands.executeCommand('apimTls.closeSample');
    await gone;
    assert.equal(editors().length, 0);
    await commands.executeCommand('apimTls.openSample');
  });
});
