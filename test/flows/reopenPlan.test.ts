// A saved plan opened again: found where it is, checked anew, compared with the file; nothing of the file is written.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { updateRequest } from '../../src/azure/updateRequest.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { Endpoint, Survey } from '../../src/core/tls/evidence.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { isAsSaved } from '../../src/core/tls/planComparison.ts';
import { comparisonDocument, comparisonSentence } from '../../src/core/tls/planComparisonText.ts';
import { planDocument } from '../../src/core/tls/planDocument.ts';
import { readPlanFile } from '../../src/core/tls/planFile.ts';
import type { SavedPlan } from '../../src/core/tls/planFile.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { checkSettings } from '../../src/flows/checkSettings.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { reopenPlan } from '../../src/flows/reopenPlan.ts';
import type { ReopenInput, Reopened } from '../../src/flows/reopenPlan.ts';
import { survey } from '../support/instances.ts';
import { inputFor } from './changing.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Scene } from './scene.ts';

const prod = idOf('contoso-shop-prod');
const changes: DraftChanges = { 'backend.tls10': 'off', 'client.http2': 'on' };
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Every host takes TLS 1.2, but for those that are named: they take TLS 1.0. */
function probeWith(old: readonly string[] = []): Probe {
  return {
    surveyAll: (endpoints: readonly Endpoint[], _planned, onSurvey) => {
      const found = endpoints.map((endpoint): Survey => {
        const accepts = old.includes(endpoint.host) ? { tls10: [0xc014] } : { tls12: [0xc030] };
        const at = '2026-11-20T12:00:00.000Z';
        const seen = { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' };
        return survey(accepts, { endpoint: seen, at });
      });
      found.forEach(onSurvey);
      return Promise.resolve(found);
    },
  };
}

/** What a file holds that was saved after a check. */
async function saved(scene: Scene, probe = probeWith(), wanted = changes): Promise<SavedPlan> {
  const { instance, backends, unreadable, surveys } = await checkSettings({
    azure: scene.azure,
    probe,
    instanceId: prod,
    changes: wanted,
  });
  const text = planDocument(
    {
      instance,
      backends,
      unreadable,
      surveys,
      changes: wanted,
      asking: null,
      savedAt: scene.now().toISOString(),
      estate: 'azure',
      request: updateRequest(clouds.public, instance.id),
    },
    digest,
  );
  const read = readPlanFile(text, digest);
  assert.ok(read.ok);
  return read.plan;
}

const directory: ReopenInput['readDirectory'] = () =>
  Promise.resolve({
    tenants: [{ id: '6f1d2a34-0c5b-4e7a-9d3e-1b2c3d4e5f60', name: 'Contoso', via: '' }],
    subscriptions: [{ id: prod.split('/')[2] ?? '', name: '', tenantId: '' }],
  });

function reopened(scene: Scene, plan: SavedPlan, more: Partial<ReopenInput> = {}): Promise<Reopened> {
  return reopenPlan({
    azure: scene.azure,
    probe: probeWith(),
    saved: plan,
    estate: 'azure',
    resourceManager: clouds.public.arm,
    readDirectory: directory,
    now: scene.now,
    ...more,
  });
}

async function checked(scene: Scene, plan: SavedPlan, more: Partial<ReopenInput> = {}) {
  const found = await reopened(scene, plan, more);
  assert.ok(found.kind === 'checked', found.kind);
  return found;
}

describe('a saved plan, opened again', () => {
  it('is told to be as it was where nothing has moved', async () => {
    const scene = openScene();
    const { comparison } = await checked(scene, await saved(scene));
    assert.equal(isAsSaved(comparison), true);
    assert.equal(comparisonSentence(comparison), 'Everything is as when the plan was saved.');
  });

  it('is made anew on an instance that changed since, with what came to be otherwise', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const before = await scene.azure.readInstance(prod);
    await scene.azure.beginUpdate(prod, mapForDraft(before, { 'client.http2': 'on', 'backend.tls11': 'off' }) ?? {});
    await scene.pause(30_000);
    const { comparison, check } = await checked(scene, plan, { probe: probeWith(['inventory.contoso.example']) });
    assert.deepEqual(comparison.moved.map(({ key }) => key.replace(keyPrefix, '')).sort(), [
      'Protocols.Server.Http2',
      'Security.Backend.Protocols.Tls11',
    ]);
    assert.deepEqual(comparison.alreadySo, ['client.http2']);
    assert.deepEqual(
      check.plan.changes.map(({ id }) => id),
      ['backend.tls10'],
    );
    assert.deepEqual(
      comparison.newFindings.flatMap((one) => (one.code === 'backendBreaks' ? one.host : [])),
      ['inventory.contoso.example:8443'],
    );
    assert.deepEqual(comparison.hosts, [{ host: 'inventory.contoso.example:8443', then: 'same', now: 'breaks' }]);
    const sentence = comparisonSentence(comparison);
    assert.match(sentence, /has changed since: .*Http2.*of which blockers: 1.*Is so by now: HTTP\/2/);
    const text = comparisonDocument(plan, comparison, scene.now().toISOString());
    assert.match(text, /\| `Security\.Backend\.Protocols\.Tls11` +\|.*`false`/);
    assert.match(text, /`inventory\.contoso\.example:8443`: connects as before → would stop connecting/);
  });

  it('keeps keys that came since: what is written is the plan of now, not the map of the file', async () => {
    const scene = openScene();
    const plan = await saved(scene, probeWith(), { 'client.http2': 'on' });
    const before = await scene.azure.readInstance(prod);
    await scene.azure.beginUpdate(prod, { ...before.customProperties, 'Somebody.Else': 'kept' });
    await scene.pause(30_000);
    const { check, comparison } = await checked(scene, plan);
    assert.deepEqual(comparison.map, [{ key: 'Somebody.Else', before: null, after: 'kept' }]);
    const outcome = await applySettings(inputFor(scene, takeNotes(), check.plan, { overrideBlockers: true }));
    assert.equal(outcome.kind, 'running');
    await scene.pause(30_000);
    assert.equal(scene.mapOf('contoso-shop-prod')?.['Somebody.Else'], 'kept');
  });

  it('takes the changes of a file alone: a map that somebody put into it counts for nothing', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const forged: SavedPlan = { ...plan, map: [[`${keyPrefix}Security.Protocols.Ssl30`, 'true']] };
    const { check } = await checked(scene, forged);
    assert.deepEqual(check.plan.map, mapForDraft(check.instance, changes));
  });

  it('says where the instance is now, and is checked there', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const to = scene.move('contoso-shop-prod', { resourceGroup: 'rg-moved' });
    assert.deepEqual(await reopened(scene, plan), { kind: 'moved', to });
    const { check } = await checked(scene, plan, { instanceId: to });
    assert.equal(check.plan.instanceId, to);
  });

  it('says that the instance is gone, or that another one was created in its place', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const anew = { ...plan, instance: { ...plan.instance, createdAt: '2020-01-01T00:00:00Z', tier: 'Developer' } };
    const { comparison } = await checked(scene, anew);
    assert.deepEqual(comparison.other, ['created', 'tier']);
    assert.match(comparisonSentence(comparison), /created in its place\. The instance is of another tier now\./);
    scene.remove('contoso-shop-prod');
    const found = await reopened(scene, plan);
    assert.ok(found.kind === 'gone', found.kind);
    assert.equal(found.failure.code, 'notFound');
  });

  it('says which tenant or subscription is out of reach', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const id = prod.replace(/subscriptions\/[^/]+/, 'subscriptions/00000000-0000-0000-0000-0000000000ff');
    const tenantId = '00000000-0000-0000-0000-0000000000ee';
    const elsewhere = { ...plan, instance: { ...plan.instance, id, tenantId } };
    assert.deepEqual(await reopened(scene, elsewhere), { kind: 'otherTenant', tenantId });
    const other = { ...plan, instance: { ...plan.instance, id } };
    assert.deepEqual(await reopened(scene, other), {
      kind: 'otherSubscription',
      subscriptionId: '00000000-0000-0000-0000-0000000000ff',
    });
  });

  it('is not looked for in the other estate', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const sent = scene.requests.length;
    assert.deepEqual(await reopened(scene, plan, { estate: 'sample' }), { kind: 'otherEstate', wanted: 'azure' });
    assert.equal(scene.requests.length, sent);
  });

  it('is not looked for in another cloud, where its tenant would only seem to be out of reach', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    const sent = scene.requests.length;
    assert.deepEqual(await reopened(scene, plan, { resourceManager: clouds.china.arm }), {
      kind: 'otherCloud',
      wanted: 'https://management.azure.com',
    });
    assert.equal(scene.requests.length, sent);
    const { cloud, ...older } = plan;
    assert.equal(cloud, 'https://management.azure.com');
    await checked(scene, older, { resourceManager: clouds.china.arm });
    await checked(scene, plan, { resourceManager: 'https://Management.azure.com/' });
    await checked(scene, { ...plan, estate: 'sample' }, { estate: 'sample', resourceManager: 'https://other.example' });
  });

  it('rejects where the instance is there and cannot be read, and where it is cancelled', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    scene.faults.add({ match: { path: /contoso-shop-prod\?/ }, times: Infinity, fault: { kind: 'serverError' } });
    await assert.rejects(reopened(scene, plan), (error) => failureCode(error) === 'unavailable');
    const cancel = new AbortController();
    cancel.abort();
    await assert.rejects(
      reopened(scene, plan, { signal: cancel.signal }),
      (error) => failureCode(error) === 'cancelled',
    );
  });

  it('tells the age of its evidence from a week on', async () => {
    const scene = openScene();
    const plan = await saved(scene);
    await scene.pause(8 * 24 * 3_600_000);
    const { comparison } = await checked(scene, plan);
    assert.equal(comparison.days, 8);
    assert.match(comparisonSentence(comparison), /evidence in the file is 8 days old/);
  });
});
