// What TLS 1.3 towards clients means for operations that ask callers for a certificate by renegotiation.

import assert from 'node:assert/strict';
import type { AskingOperations } from '../../../src/core/askingOperations.ts';
import { findingText } from '../../../src/core/findingText.ts';
import { blockersOf, makePlan } from '../../../src/core/tls/plan.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import { instance } from '../../support/instances.ts';

const none: AskingOperations = {
  count: 0,
  sure: 0,
  atLeast: false,
  days: 30,
  readAt: '2026-11-20T12:00:00Z',
  complete: true,
  sources: [],
};

function about(asking: AskingOperations | null, changes: DraftChanges = { 'client.tls13': 'on' }, tier = 'Premium') {
  const plan = makePlan({ instance: instance({ tier }), changes, backends: [], surveys: {}, asking });
  const own = plan.findings.filter(({ code }) => /renegotiat/i.test(code));
  return { own: own.map(({ severity, code }) => `${severity} ${code}`), texts: own.map(findingText), plan };
}

describe('TLS 1.3 towards clients and renegotiation', () => {
  it('is blocked where operations are likely to ask, and by nothing less', () => {
    const likely = about({ ...none, count: 3, sure: 1 });
    assert.deepEqual(likely.own, ['blocker clientsRenegotiate']);
    assert.match(
      likely.texts[0] ?? '',
      /^Callers of 3 operations are asked .* 30 days; 1 of medium or high confidence\.$/,
    );
    assert.equal(blockersOf(likely.plan).length, 1);
    const unlikely = about({ ...none, count: 1, atLeast: true });
    assert.deepEqual(unlikely.own, ['warning clientsRenegotiate']);
    assert.match(unlikely.texts[0] ?? '', /^Callers of at least 1 operation may be asked .* of low confidence\.$/);
  });

  it('says what was not read, and claims nothing of it', () => {
    assert.deepEqual(about(null).own, ['warning renegotiationNotChecked']);
    const partly = about({ ...none, complete: false, sources: ['The logs were not read.'] });
    assert.deepEqual(partly.own, ['warning renegotiationPartlyChecked']);
    assert.match(partly.texts[0] ?? '', /The logs were not read\./);
    assert.deepEqual(about({ ...none, count: 1, sure: 1, complete: false, sources: ['x'] }).own, [
      'blocker clientsRenegotiate',
      'warning renegotiationPartlyChecked',
    ]);
    assert.deepEqual(about(none).own, ['note renegotiationNotKnown']);
  });

  it('plays no part where TLS 1.3 does not come on, or the tier does not renegotiate', () => {
    const likely = { ...none, count: 3, sure: 3 };
    assert.deepEqual(about(likely, { 'client.tls13': 'off' }).own, []);
    assert.deepEqual(about(likely, { 'backend.tls13': 'on' }).own, []);
    assert.deepEqual(about(likely, { 'client.tls13': 'on' }, 'StandardV2').own, []);
  });
});
