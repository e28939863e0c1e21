import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Uri, commands, env, window, workspace } from 'vscode';
import { mapOf, planBlock, readPlanFile } from '../../src/core/tls/planFile.ts';
import type { PlanToSave, SavedPlan } from '../../src/core/tls/planFile.ts';
import { answerWith } from '../support/host/answers.ts';
import type { Answers, Script } from '../support/host/answers.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const name = 'contoso-shop-prod';

async function answered(script: Script, work: (answers: Answers) => Promise<void>): Promise<void> {
  const answers = answerWith(script);
  try {
    await work(answers);
  } finally {
    answers.restore();
  }
}

const failures = ({ shown }: Answers) =>
  shown.filter(({ kind }) => kind === 'showErrorMessage').map(({ text }) => text);

/** A plan of another day: the instance was otherwise then. */
function earlierPlan(id: string, change: Partial<PlanToSave> = {}): string {
  const map: [string, string][] = [['Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2', 'True']];
  const plan: PlanToSave = {
    savedAt: '2026-01-05T10:00:00.000Z',
    estate: 'sample',
    rulesOf: '2026-01-01',
    instance: { id, name, tenantId: 't', tier: 'Premium', createdAt: null },
    base: { etag: 'AAAA', readAt: '2026-01-05T09:59:00.000Z', map },
    changes: { 'client.http2': 'on', 'backend.tls10': 'off' },
    map,
    findings: [],
    evidence: { hosts: [], traffic: null },
    ...change,
  };
  return ['# A plan', '', ...planBlock(plan, digest), ''].join('\n');
}

function planIn(text: string): SavedPlan {
  const read = readPlanFile(text, digest);
  assert.ok(read.ok, read.ok ? '' : read.problem);
  return read.plan;
}

describe('plans as files in the extension host', () => {
  const file = Uri.file(path.join(tmpdir(), `${randomUUID()}.apimtls.md`));
  let id = '';
  before(async () => {
    await commands.executeCommand('apimTls.openSample');
    await commands.executeCommand('apimTls.refresh');
    await answered({ pick: () => name }, async () => {
      await commands.executeCommand('apimTls.copyId');
    });
    id = await env.clipboard.readText();
  });
  after(() => rmSync(file.fsPath, { force: true }));

  it('says in a sentence why a file is no plan', async () => {
    await workspace.fs.writeFile(file, new TextEncoder().encode('# Notes\n'));
    await answered({ open: () => file }, async (answers) => {
      await commands.executeCommand('apimTls.openPlan');
      assert.match(
        (await answers.message(/no plan in this document/)).text,
        /^[0-9a-f-]+\.apimtls\.md: There is no plan/,
      );
    });
  });

  it('opens a plan as text, checks it against the present, and hands its changes to the editor', async function () {
    this.timeout(60_000);
    await workspace.fs.writeFile(file, new TextEncoder().encode(earlierPlan(id)));
    const press = ['Check against the present', 'Show what differs'];
    const script: Script = {
      press: ({ text }) => (/^Plan for .* saved on/.test(text) ? press[0] : press[1]),
      confirm: () => 'Replace the draft',
    };
    await answered(script, async (answers) => {
      await commands.executeCommand('apimTls.openPlan', file);
      assert.deepEqual(failures(answers), []);
      const done = await answers.message(/made anew/);
      assert.match(done.text, /2 changes\. .*changed since.*evidence in the file is \d+ days old/);
      assert.match(window.activeTextEditor?.document.getText() ?? '', /^# Plan for contoso-shop-prod, checked/);
    });
  });

  it('copies and saves the plan of the draft that came from the file, made anew', async () => {
    await answered({ save: () => file }, async (answers) => {
      await commands.executeCommand('apimTls.copyPlan', id);
      await commands.executeCommand('apimTls.savePlan', id);
      assert.deepEqual(failures(answers), []);
    });
    const copied = planIn(await env.clipboard.readText());
    const saved = planIn(new TextDecoder().decode(await workspace.fs.readFile(file)));
    assert.deepEqual(saved.changes, { 'client.http2': 'on', 'backend.tls10': 'off' });
    assert.deepEqual(copied.changes, saved.changes);
    assert.notEqual(
      mapOf(saved.base.map)['Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2'],
      'True',
    );
    assert.ok(saved.evidence.hosts.length > 0, 'the probes of the check are in it');
    assert.equal(saved.estate, 'sample');
  });

  it('checks a text that was never saved, and says where its instance is not', async () => {
    const text = earlierPlan(id.replace(name, 'contoso-never-was'), {
      instance: {
        id: id.replace(name, 'contoso-never-was'),
        name: 'contoso-never-was',
        tenantId: 't',
        tier: 'Basic',
        createdAt: null,
      },
    });
    await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content: text }));
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.checkPlan');
      assert.match(
        (await answers.message(/contoso-never-was/)).text,
        /in the tenant t, which no signed-in account reaches/,
      );
    });
    const other = await workspace.openTextDocument({ content: earlierPlan(id, { estate: 'azure' }) });
    await window.showTextDocument(other);
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.checkPlan');
      assert.match(
        (await answers.message(/contoso-shop-prod/)).text,
        /is of a real instance\. Leave the sample estate/,
      );
    });
  });

  it('puts the readiness of an instance together as a document', async function () {
    this.timeout(60_000);
    await answered({}, async (answers) => {
      await commands.executeCommand('apimTls.readiness', id);
      assert.deepEqual(failures(answers), []);
    });
    const text = window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /^# TLS 1\.3 readiness of contoso-shop-prod$/m);
    assert.match(text, /^### Backend side: Not known whether ready for TLS 1\.3$/m);
    assert.match(text, /go on with an earlier version: .*identity\.contoso\.example:443/);
  });
});
