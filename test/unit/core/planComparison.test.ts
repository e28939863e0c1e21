import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { comparePlans } from '../../../src/core/tls/planComparison.ts';
import type { PlanComparison, PresentPlan } from '../../../src/core/tls/planComparison.ts';
import { comparisonDocument, comparisonSentence } from '../../../src/core/tls/planComparisonText.ts';
import { planDocument } from '../../../src/core/tls/planDocument.ts';
import type { PlanDocumentInput } from '../../../src/core/tls/planDocument.ts';
import { readPlanFile } from '../../../src/core/tls/planFile.ts';
import type { SavedPlan } from '../../../src/core/tls/planFile.ts';
import { backendHost, instance, key, survey } from '../../support/instances.ts';

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const savedAt = '2026-11-20T12:01:00.000Z';
const then = instance({
  createdAt: '2016-01-01T00:00:00.000Z',
  customProperties: { [key('Security.Backend.Protocols.Tls10')]: 'True' },
});
const changes = { 'backend.tls10': 'off' } as const;
const host = 'backend.example:443';

function saved(change: Partial<PlanDocumentInput> = {}): SavedPlan {
  const input: PlanDocumentInput = {
    instance: then,
    changes,
    backends: [backendHost],
    surveys: { [host]: survey({ tls12: [0xc030] }) },
    asking: null,
    savedAt,
    estate: 'azure',
    request: { method: 'PATCH', url: 'https://management.azure.com/x?api-version=2024-05-01' },
    ...change,
  };
  const read = readPlanFile(planDocument(input, digest), digest);
  assert.ok(read.ok);
  return read.plan;
}

function compared(plan: SavedPlan, change: Partial<PresentPlan> = {}): PlanComparison {
  const present = {
    instance: then,
    backends: [backendHost],
    surveys: { [host]: survey({ tls12: [0xc030] }) },
    now: new Date(savedAt),
    ...change,
  };
  return comparePlans(plan, { plan: makePlan({ ...present, changes }), ...present });
}

describe('a saved plan against the present', () => {
  it('says that all is as it was only where it is', () => {
    assert.equal(comparisonSentence(compared(saved())), 'Everything is as when the plan was saved.');
  });

  it('does not say that the instance was written where only a backend has gone', () => {
    const found = compared(saved(), { backends: [], surveys: {} });
    assert.deepEqual(found.notProbed, [host]);
    assert.equal(comparisonSentence(found), 'Backends that were probed for the plan and not now: 1.');
  });

  it('says that the instance was written, however old the file is', () => {
    const found = compared(saved(), {
      instance: { ...then, etag: 'BBBB' },
      now: new Date(Date.parse(savedAt) + 8 * 24 * 60 * 60 * 1000),
    });
    assert.equal(
      comparisonSentence(found),
      'The instance was written since; its settings are as they were. The evidence in the file is 8 days old; it was gathered anew.',
    );
  });

  it('says that findings are graded otherwise, and what else would be written', () => {
    const plan = saved();
    const graded = {
      ...compared(plan),
      regraded: [{ finding: { severity: 'note', code: 'tlsOff' } as never, was: 'warning' as const }],
    };
    assert.equal(comparisonSentence(graded), 'Findings that are graded otherwise: 1.');
    const other = compared({ ...plan, map: [...plan.map, ['Else', 'x']] });
    assert.equal(comparisonSentence(other), 'Other values would be written: Else.');
  });

  it('claims no other instance where one of the two does not say when it was created', () => {
    assert.deepEqual(compared(saved(), { instance: { ...then, createdAt: null } }).other, []);
    assert.deepEqual(compared(saved({ instance: { ...then, createdAt: null } })).other, []);
    assert.deepEqual(compared(saved(), { instance: { ...then, createdAt: '2016-01-01T00:00:00Z' } }).other, []);
    assert.deepEqual(compared(saved(), { instance: { ...then, createdAt: '2026-01-01T00:00:00.000Z' } }).other, [
      'created',
    ]);
  });

  it('claims nothing of keys where Azure states none at the moment', () => {
    const found = compared(saved(), { instance: { ...then, customProperties: null, provisioningState: 'Activating' } });
    assert.deepEqual([found.moved, found.alreadySo, found.locked, found.map], [[], [], [], []]);
    assert.deepEqual(found.newFindings.map(({ code }) => code).sort(), ['busy', 'mapMissing']);
    assert.deepEqual(found.hosts, []);
    assert.doesNotMatch(comparisonSentence(found), /has changed since|Is so by now|answer otherwise/);
    assert.match(comparisonDocument(saved(), found, savedAt), /Blocker/);
  });
});
