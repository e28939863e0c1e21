import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { format } from 'prettier';
import type { Instance } from '../../../src/core/instance.ts';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { planDocument, planToSave } from '../../../src/core/tls/planDocument.ts';
import type { PlanDocumentInput } from '../../../src/core/tls/planDocument.ts';
import {
  fencedJson,
  longestPlanFile,
  mapOf,
  planBlock,
  readPlanFile,
  unreadableText,
} from '../../../src/core/tls/planFile.ts';
import type { PlanToSave } from '../../../src/core/tls/planFile.ts';
import type { Traffic } from '../../../src/core/traffic.ts';
import { anyDraft, anyInstance, backendHost, instance, key, survey } from '../../support/instances.ts';

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

const traffic: Traffic = {
  state: 'read',
  days: 30,
  readAt: '2026-11-20T11:30:00.000Z',
  source: { workspaceId: '/subscriptions/x/workspaces/logs', table: 'dedicated' },
  totals: [
    { version: 'tls10', versionText: '1.0', requests: 1204, callers: 3, lastSeen: '2026-11-20T09:00:00.000Z' },
    { version: 'tls12', versionText: '1.2', requests: 9, callers: null, lastSeen: null },
  ],
  rows: [],
  cut: false,
};

function inputFor(change: Partial<PlanDocumentInput> = {}): PlanDocumentInput {
  return {
    instance: instance({
      createdAt: '2016-01-01T00:00:00Z',
      customProperties: { [key('Security.Protocols.Tls10')]: 'True', Other: 'x' },
    }),
    changes: { 'client.tls10': 'off', 'backend.tls10': 'off' },
    backends: [backendHost, { ...backendHost, host: 'silent.example' }],
    unreadable: [{ title: 'legacy', url: 'https://{{host}}/?code=Secret1' }],
    surveys: { 'backend.example:443': survey({ tls10: [0xc013] }, { at: '2026-11-20T11:59:00.000Z' }) },
    traffic,
    asking: {
      count: 0,
      sure: 0,
      atLeast: false,
      days: 30,
      readAt: traffic.readAt,
      complete: true,
      sources: ['Policies: read'],
    },
    savedAt: '2026-11-20T12:01:00.000Z',
    estate: 'azure',
    request: { method: 'PATCH', url: 'https://management.azure.com/x?api-version=2024-05-01' },
    ...change,
  };
}

const documentOf = (input: PlanDocumentInput) => planDocument(input, digest);
const blockOf = (plan: PlanToSave | object) => planBlock(plan as PlanToSave, digest).join('\n');
const problemOf = (text: string) => {
  const read = readPlanFile(text, digest);
  return read.ok ? '' : read.problem;
};

const draftThatChanges = fc
  .tuple(anyInstance, anyDraft)
  .filter(([, draft]) => Object.keys(draft).length > 0)
  .map(([one, changes]) => inputFor({ instance: one, changes }));

describe('a plan that is about to be written', () => {
  const problemFor = (change: Partial<PlanDocumentInput>) => unreadableText(documentOf(inputFor(change)), digest);

  it('is refused for the reason that there is, in words for whoever writes it', () => {
    assert.equal(problemFor({}), null);
    const properties = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`Some.Key.${at}`, 'True']));
    assert.equal(
      problemFor({ instance: instance({ customProperties: properties(1001) }) }),
      '“base.map” would have the length 1001, and at most 1000 is read.',
    );
    assert.equal(
      problemFor({ instance: instance({ tier: 'x'.repeat(401) }) }),
      '“instance.tier” would have the length 401, and at most 400 is read.',
    );
    assert.equal(problemFor({ savedAt: 'today' }), '“savedAt” is not as a plan holds it: "today".');
    assert.match(problemFor({ instance: instance({ name: 'two' }) }) ?? '', /^“instance” is not as a plan holds it/);
  });

  it('is too long only where it is', () => {
    const text = `${documentOf(inputFor())}${' '.repeat(longestPlanFile)}`;
    const count = text.length;
    assert.equal(unreadableText(text, digest), `It would have ${count} characters, and at most 4000000 are read.`);
  });
});

describe('plan document', () => {
  it('says what changes, why it may, who is affected, what was seen when, and the exact request', () => {
    const text = documentOf(inputFor());
    for (const part of [
      /^# TLS plan for one$/m,
      /1 blocker\./,
      /Saved on 2026-11-20 12:01:00 UTC/,
      /\| TLS 1\.0, client side +\| On \(set\) +\| Off \(set\) +\|/,
      /\| `Security\.Protocols\.Tls10` +\| `True` +\| `false` +\|/,
      /\| `Security\.Backend\.Protocols\.Tls10` +\| left out +\| `false` +\|/,
      /The Standard tier lets protocols be changed\./,
      /Sources, last read on \d{4}-\d\d-\d\d:/,
      /^### Blocker$/m,
      /backend\.example:443 would stop connecting/,
      /\| TLS 1\.0 +\| 1,204 +\| 3 +\| 2026-11-20 09:00:00 UTC +\|/,
      /the last 30 days, read on 2026-11-20 11:30:00 UTC/,
      /\| `backend\.example:443` +\| orders +\|.*Would stop connecting.*2026-11-20 11:59:00 UTC/,
      /\| `silent\.example:443` .*not probed/,
      /Their addresses cannot be read: legacy\./,
      /^PATCH https:\/\/management\.azure\.com\/x\?api-version=2024-05-01$/m,
      /"Microsoft\.WindowsAzure\.ApiManagement\.Gateway\.Security\.Backend\.Protocols\.Tls10": "false"$/m,
    ])
      assert.ok(part.test(text), String(part));
    assert.doesNotMatch(text, /Secret1/, 'an address may hold a secret');
  });

  it('says what was not looked at', () => {
    const text = documentOf(inputFor({ backends: null, traffic: null, asking: null, surveys: {} }));
    assert.match(text, /The backends were not read/);
    assert.match(text, /The logs of the gateway were not read/);
    assert.match(text, /Traffic: not read/);
    assert.match(text, /client certificates: not read/);
    assert.match(documentOf(inputFor({ changes: { 'backend.tls10': 'off' } })), /None: no setting of the client side/);
  });

  it('keeps words of Azure from being markup, links or a block of their own', () => {
    const evil = '<script>x</script> ![a](https://evil.example/p.png) https://evil.example www.evil.example |`';
    const backend = { ...backendHost, usedBy: backendHost.usedBy.map((use) => ({ ...use, title: evil })) };
    const one: Instance = instance({
      id: `/subscriptions/x/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${evil}`,
      name: evil,
      createdAt: '2016-01-01T00:00:00Z',
      customProperties: { Other: '```\n```json apim-tls-plan sha256=', [evil]: evil },
    });
    const text = documentOf(inputFor({ instance: one, backends: [backend] }));
    const outside = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
    assert.doesNotMatch(outside, /(?<!\\)<script/);
    assert.doesNotMatch(outside, /(?<!\\)!\[/);
    assert.doesNotMatch(outside, /[^\\]:\/\/evil/);
    assert.doesNotMatch(outside, /www\.evil/);
    const read = readPlanFile(text, digest);
    assert.ok(read.ok, problemOf(text));
    assert.equal(read.plan.instance.name, evil);
  });
});

describe('plan file', () => {
  it('has nothing in its block that ends it, is HTML, or turns the direction of writing, and loses none of it', () => {
    const evil = { '`': '```', html: '</script><b>', bidi: '\u202ea\u2066', line: '\u2028\u0085', bom: '\ufeff' };
    const json = fencedJson(evil);
    assert.match(json, /^[\n\x20-\x3b\x3d\x3f-\x5f\x61-\x7e]+$/);
    assert.deepEqual(JSON.parse(json), evil);
  });

  it('is read back as it was saved, whatever the instance and the draft', () => {
    fc.assert(
      fc.property(draftThatChanges, (input) => {
        const read = readPlanFile(documentOf(input), digest);
        assert.ok(read.ok, read.ok ? '' : read.problem);
        const { kind, version, ...plan } = read.plan;
        assert.deepEqual([kind, version], ['apim-tls-plan', 1]);
        assert.deepEqual(plan, planToSave(input, makePlan(input)));
        assert.deepEqual(mapOf(plan.base.map), input.instance.customProperties);
        assert.deepEqual(mapOf(plan.map), makePlan(input).map);
      }),
      { numRuns: 60 },
    );
  });

  it('survives line ends of Windows, a byte order mark, and edits of the part that is for people', () => {
    const text = documentOf(inputFor());
    const plan = (changed: string) => {
      const read = readPlanFile(changed, digest);
      return read.ok ? read.plan : read.problem;
    };
    const asSaved = plan(text);
    assert.equal(typeof asSaved, 'object');
    for (const changed of [
      text.replaceAll('\n', '\r\n'),
      `\ufeff${text}`,
      text.replace('## Findings', '## Findings, seen by me\n\nFine.'),
      text.slice(text.indexOf('```json apim-tls-plan')),
      `${text}\n\nSigned: Dana`,
    ])
      assert.deepEqual(plan(changed), asSaved);
  });

  it('survives formatters, with their own layout of JSON and of tables', async () => {
    const text = documentOf(inputFor());
    const asSaved = readPlanFile(text, digest);
    const formatted = await format(text, { parser: 'markdown', printWidth: 60, tabWidth: 4 });
    assert.notEqual(formatted, text);
    assert.deepEqual(readPlanFile(formatted, digest), asSaved);
    const endless = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
    assert.match(problemOf(`\`\`\`json apim-tls-plan sha256=${digest('')}\n${endless}\n\`\`\``), /line 1 is not JSON/);
  });

  it('gives the same plan or a sentence for any damage, and never throws', () => {
    const text = documentOf(inputFor());
    const asSaved = readPlanFile(text, digest);
    const damage = fc
      .tuple(
        fc.nat(text.length),
        fc.nat(200),
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('```', '"', '\n')),
      )
      .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
    fc.assert(
      fc.property(
        fc.oneof(
          damage,
          fc.string({ unit: 'binary' }),
          damage.map((one) => one + text),
        ),
        (changed) => {
          const read = readPlanFile(changed, digest);
          if (read.ok) assert.deepEqual(read, asSaved);
          else assert.match(read.problem, /^[A-Z].{30,500}\.$/s);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says what is the matter, where, and what to do', () => {
    const text = documentOf(inputFor());
    const line = text.split('\n').findIndex((one) => one.startsWith('```json apim-tls-plan')) + 1;
    assert.match(problemOf('# Notes'), /no plan in this document.*Save plan as/);
    assert.match(
      problemOf(`${text}\n${text}`),
      new RegExp(`2 plans.*lines ${line}, ${line + text.split('\n').length}`),
    );
    assert.match(problemOf(text.slice(0, -20)), new RegExp(`line ${line} has no end.*cut off`));
    assert.match(problemOf(text.replace('"client.tls10"', '"client.tls11"')), new RegExp(`line ${line} on.*changed`));
    assert.match(problemOf('x'.repeat(4_000_001)), /4000001 characters.*at most 4000000/);
  });

  it('refuses what was made by other hands with a right checksum', () => {
    const good = planToSave(inputFor(), makePlan(inputFor()));
    assert.equal(problemOf(blockOf(good)), '');
    const json = (value: string) => ['```json apim-tls-plan sha256=' + digest(value), value, '```'].join('\n');
    assert.match(problemOf(json('{')), /line 1 is not JSON/);
    assert.match(problemOf(json('[]')), /line 1 is not a plan/);
    assert.match(problemOf(blockOf({ ...good, version: 2 })), /format 2.*reads format 1.*Update/);
    assert.match(problemOf(blockOf({ ...good, changes: { 'client.tls99': 'on' } })), /“client\.tls99”.*Update/);
    assert.match(problemOf(blockOf({ ...good, changes: {} })), /changes nothing/);
    assert.match(problemOf(blockOf({ ...good, savedAt: 'yesterday' })), /line 1 on, “savedAt” is missing or not/);
    assert.match(problemOf(blockOf({ ...good, map: Array.from({ length: 1001 }, () => ['a', 'b']) })), /“map”/);
    assert.match(problemOf(blockOf({ ...good, base: { ...good.base, map: [['a', 1]] } })), /“base\.map\.0\.1”/);
    const other = { ...good.instance, name: 'another' };
    assert.match(problemOf(blockOf({ ...good, instance: other })), /“instance” is missing or not/);
    const bidi = problemOf(blockOf({ ...good, changes: { '\u202e<b>x': 'on' } }));
    assert.doesNotMatch(bidi, /[\u202e<>]/);
  });
});
