// Settings of sign-in and cloud that cannot be used, and what is said of them. Nothing is sent anywhere.
import assert from 'node:assert/strict';
import { commands, workspace } from 'vscode';
import { answerWith } from '../support/host/answers.ts';
import type { Script } from '../support/host/answers.ts';

type Settings = Readonly<Record<string, unknown>>;

async function set(settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await workspace.getConfiguration('apimTls').update(name, value, true);
}

/** The first error that is shown once the settings are in force. */
async function said(settings: Settings, pattern: RegExp, script: Script = {}): Promise<string> {
  const answers = answerWith(script);
  try {
    await set({ ...settings, estate: 'azure' });
    await commands.executeCommand('apimTls.refresh');
    const { kind, text } = await answers.message(pattern);
    assert.equal(kind, 'showErrorMessage');
    return text;
  } finally {
    answers.restore();
  }
}

describe('settings of sign-in', () => {
  afterEach(async () => {
    const names = ['signIn', 'cloud', 'customCloud.resourceManager', 'servicePrincipal.clientId'];
    const answers = answerWith({});
    try {
      await set(Object.fromEntries([...names, 'servicePrincipal.tenantId'].map((name) => [name, undefined])));
      await commands.executeCommand('apimTls.refresh');
    } finally {
      answers.restore();
    }
  });

  it('name the setting of a custom cloud that is missing', async () => {
    await said({ cloud: 'custom' }, /^The custom cloud is not complete\. Set apimTls\.customCloud\.resourceManager /);
  });

  it('refuse an address without TLS', async () => {
    await said(
      { cloud: 'custom', 'customCloud.resourceManager': 'http://127.0.0.1:1' },
      /^The setting apimTls\.customCloud\.resourceManager must begin with https:\/\/.*It is "http:\/\/127\.0\.0\.1:1"\.$/,
    );
  });

  it('start no program in a workspace that is not trusted', async () => {
    const trusted = Object.getOwnPropertyDescriptor(workspace, 'isTrusted');
    assert.ok(trusted);
    Object.defineProperty(workspace, 'isTrusted', { configurable: true, get: () => false });
    try {
      for (const signIn of ['azureCli', 'azurePowerShell', 'azureDeveloperCli'])
        await said({ signIn }, /^The chosen way to sign in starts a program, which Restricted Mode forbids/);
    } finally {
      Object.defineProperty(workspace, 'isTrusted', trusted);
    }
  });

  it('say what a service principal still wants, and take its secret by a question that hides it', async () => {
    const application = {
      signIn: 'servicePrincipal',
      'servicePrincipal.tenantId': '11111111-1111-4111-8111-111111111111',
      'servicePrincipal.clientId': '22222222-2222-4222-8222-222222222222',
    };
    const text = await said(application, /The service principal is not complete/);
    assert.match(text, /Store the secret of the service principal/);
    const titles: string[] = [];
    const answers = answerWith({ input: (title) => void titles.push(title) });
    try {
      await commands.executeCommand('apimTls.storeSecret');
    } finally {
      answers.restore();
    }
    assert.deepEqual(titles, ['Secret of application 22222222-2222-4222-8222-222222222222']);
  });
});
