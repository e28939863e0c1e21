import assert from 'node:assert/strict';
import { historyEntrySchema, readHistory } from '../../../src/core/history.ts';
import type { HistoryEntry } from '../../../src/core/history.ts';
import * as v from 'valibot';
import {
  entryLines,
  entryMarkdown,
  entryTitle,
  evidenceLines,
  historyCsv,
  historyJson,
  isStateKnown,
  resultAndTime,
  stateAfter,
} from '../../../src/core/historyText.ts';
import { keyPrefix } from '../../../src/core/tls/customProperties.ts';

const key = (name: string) => `${keyPrefix}${name}`;
const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso-shop';
const premium = { tier: 'Premium', createdAt: '2022-05-11T09:30:07Z' };

function entry(part: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    ...{ id: 'op-1', instanceId: id, kind: 'change', who: 'dana@contoso.example', result: 'done', detail: '' },
    startedAt: '2026-11-20T12:00:00Z',
    endedAt: '2026-11-20T12:24:00Z',
    before: { [key('Security.Protocols.Tls10')]: 'True', [key('Preview.X')]: 'a' },
    after: { [key('Security.Protocols.Tls10')]: 'false', [key('Preview.X')]: 'b' },
    ...part,
  };
}

describe('history for people', () => {
  it('says what changed in words, keys without a setting as they are', () => {
    assert.deepEqual(entryLines(entry(), premium), ['TLS 1.0, client side: on → off', 'Preview.X: a → b']);
    assert.equal(
      entryTitle(entry({ kind: 'undo' }), premium),
      'Undone: TLS 1.0, client side: on → off, Preview.X: a → b',
    );
    assert.equal(entryTitle(entry({ after: entry().before }), premium), 'No setting changed');
    assert.notDeepEqual(entryLines(entry()), [], 'also of an instance of which nothing is known any more');
  });

  it('counts cipher suites where there are several', () => {
    const suites = (text: string, count: number) =>
      Object.fromEntries(
        ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_AES_256_CBC_SHA', 'TLS_RSA_WITH_AES_128_GCM_SHA256']
          .slice(0, count)
          .map((name) => [key(`Security.Ciphers.${name}`), text]),
      );
    const title = (before: HistoryEntry['before'], after: HistoryEntry['after']) =>
      entryTitle(entry({ before, after }), premium);
    const tls = (text: string) => ({ [key('Security.Protocols.Tls10')]: text });
    assert.equal(title(suites('True', 3), suites('false', 3)), '3 cipher suites → off');
    assert.equal(
      title({ ...suites('False', 2), ...tls('True') }, { ...suites('true', 2), ...tls('False') }),
      'TLS 1.0, client side: on → off, 2 cipher suites → on',
    );
    assert.equal(
      title({ ...suites('True', 2), ...suites('False', 1) }, { ...suites('False', 2), ...suites('True', 1) }),
      '2 cipher suites changed',
    );
    assert.equal(title(suites('True', 1), suites('False', 1)), 'TLS_RSA_WITH_AES_128_CBC_SHA: on → off');
  });

  it('says how it ended and how long it took', () => {
    assert.equal(resultAndTime(entry()), 'Done in 24 min');
    assert.equal(resultAndTime(entry({ endedAt: null, result: 'running' })), 'Running');
    assert.equal(resultAndTime(entry({ startedAt: 'never' })), 'Done');
    assert.equal(resultAndTime(entry({ startedAt: '2026-11-20T12:30:00Z' })), 'Done', 'a clock that was set back');
  });

  it('keeps findings, backends and the change of several with it, and lines without any of it stay readable', () => {
    const full = entry({
      batchId: 'batch-7',
      evidence: {
        findings: [{ severity: 'warning', text: 'The tier is down.' }],
        overridden: true,
        backends: { hosts: 4, probed: 3 },
      },
    });
    assert.deepEqual(evidenceLines(full), [
      'Blockers were overridden by typing the name',
      'Warning: The tier is down.',
      '3 of 4 backend hosts were probed before',
      'Part of a change of several instances: batch-7',
    ]);
    assert.deepEqual(evidenceLines(entry()), []);
    assert.deepEqual(v.parse(historyEntrySchema, JSON.parse(JSON.stringify(full))), full);
    assert.deepEqual(readHistory(JSON.stringify(entry())).entries, [entry()]);
  });

  it('gives the state that was read back rather than the one that was sent', () => {
    assert.deepEqual(stateAfter(entry()), entry().after);
    assert.deepEqual(stateAfter(entry({ found: { a: 'x' } })), { a: 'x' });
  });

  it('claims no state that a change never left', () => {
    assert.deepEqual(stateAfter(entry({ result: 'refused' })), entry().before, 'nothing was written');
    for (const result of ['running', 'failed', 'unknown'] as const) {
      assert.equal(isStateKnown(entry({ result })), false, result);
      assert.equal(isStateKnown(entry({ result, found: entry().after })), true, result);
    }
    for (const result of ['done', 'different', 'refused'] as const) assert.ok(isStateKnown(entry({ result })), result);
  });

  it('shows what was read back beside what was sent where the two are not one', () => {
    const sent = { ...entry().after, [key('Security.Protocols.Ssl30')]: 'False' };
    const text = (found: HistoryEntry['found']) =>
      entryMarkdown(
        entry({
          after: sent,
          before: { ...entry().before, [key('Security.Protocols.Ssl30')]: 'False' },
          ...(found ? { found } : {}),
        }),
        (iso) => iso,
        premium,
      );
    const table = (found?: HistoryEntry['found']) =>
      text(found)
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.replaceAll(/ +/g, ' '));
    assert.deepEqual(table()[0], '| Key | Before | After |');
    assert.deepEqual(table({ ...sent, [key('Security.Protocols.Tls10')]: 'False' })[0], '| Key | Before | After |');
    const other = table({
      ...sent,
      [key('Security.Protocols.Tls10')]: 'True',
      [key('Security.Protocols.Ssl30')]: 'True',
    });
    assert.equal(other[0], '| Key | Before | Sent | Read back |');
    assert.ok(other.includes('| `Security.Protocols.Tls10` | `True` | `false` | `True` |'), other.join('\n'));
    assert.ok(other.includes('| `Security.Protocols.Ssl30` | `False` | `False` | `True` |'), other.join('\n'));
    assert.ok(other.includes('| `Preview.X` | `a` | `b` | `b` |'), other.join('\n'));
  });

  it('is Markdown in which foreign text is no markup', () => {
    const text = entryMarkdown(
      entry({ who: '<b>*x*</b>', detail: '[a](http://x)', after: { [key('Preview.X')]: 'a | `b`' } }),
      (iso) => iso,
      premium,
    );
    assert.match(text, /^## contoso-shop: /);
    assert.match(text, /- Duration: 24 min\n/);
    assert.match(text, /- By: \\<b\\>\\\*x\\\*\\<\/b\\>\n/);
    assert.doesNotMatch(text, /[^\\]\[a[^\\]*\]\(/);
    assert.match(text, /\| `Preview\.X` +\| `a` +\| `a \\\| 'b'` \|/);
  });

  it('is JSON that gives the entries back, and CSV with a row for each', () => {
    assert.deepEqual(JSON.parse(historyJson([entry()])), { format: 1, entries: [entry()] });
    const lines = historyCsv([entry(), entry({ id: 'op-2', detail: 'a, "b"\nc', endedAt: null })], () => premium);
    assert.match(lines, /^\ufeffstarted,ended,seconds,instance,/);
    assert.match(lines, /\r\n2026-11-20T12:00:00Z,2026-11-20T12:24:00Z,1440,contoso-shop,/);
    assert.match(lines, /"a, ""b""\nc"/);
  });
});
