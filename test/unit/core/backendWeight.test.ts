// What hangs on a backend, in the plan.

import assert from 'node:assert/strict';
import { findingText } from '../../../src/core/findingText.ts';
import type { BackendHost } from '../../../src/core/instance.ts';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { backendHost, instance, survey } from '../../support/instances.ts';

const weighing = (name: string, requests: number): BackendHost => ({
  ...backendHost,
  host: name,
  seen: {
    requests,
    failures: 0,
    failureText: '',
    serverErrors: 0,
    lastSeen: null,
    days: 7,
    readAt: '2026-11-20T12:00:00Z',
    calls: [],
  },
});

describe('backends in the plan', () => {
  const old = instance({ createdAt: '2016-01-01T00:00:00Z' });
  const onlyTls10 = survey({ tls10: [0xc013] });
  const hosts = [
    weighing('rare.example', 2),
    { ...backendHost, host: 'unlogged.example' },
    weighing('busy.example', 1204),
  ];
  const surveys = Object.fromEntries(hosts.map(({ host }) => [`${host}:443`, onlyTls10]));
  const found = (changes: Parameters<typeof makePlan>[0]['changes'], seen = surveys) =>
    makePlan({ instance: old, changes, backends: hosts, surveys: seen }).findings;

  it('come by what hangs on them, and the number is told', () => {
    const blockers = found({ 'backend.tls10': 'off' }).filter(({ code }) => code === 'backendBreaks');
    assert.deepEqual(
      blockers.map((finding) => 'host' in finding && finding.host),
      ['busy.example:443', 'rare.example:443', 'unlogged.example:443'],
    );
    const [busy, , unlogged] = blockers.map(findingText);
    assert.match(busy ?? '', /Calls to it by the logs: 1.?204 requests in 7 days\.$/);
    assert.doesNotMatch(unlogged ?? '', /logs/, 'nothing is said of what was not seen');
  });

  it('say it also where it is unknown what becomes of them', () => {
    const texts = found({ 'backend.tls10': 'off' }, {}).map(findingText);
    assert.ok(texts.some((text) => /busy\.example:443 has not been probed.* 1.?204 requests/.test(text)));
  });

  it('name each user once, and of many the first', () => {
    const [use] = backendHost.usedBy;
    assert.ok(use);
    const many = Array.from({ length: 40 }, (_, index) => ({ ...use, title: `api ${index % 20}` }));
    const plan = makePlan({
      instance: old,
      changes: { 'backend.tls10': 'off' },
      backends: [{ ...backendHost, usedBy: many }],
      surveys: { 'backend.example:443': onlyTls10 },
    });
    const blocker = plan.findings.find(({ code }) => code === 'backendBreaks');
    assert.ok(blocker?.code === 'backendBreaks' && blocker.usedBy.length === 20);
    assert.match(findingText(blocker), /Used by api 0, api 1, api 2, api 3 and 16 more\./);
  });
});
