// The evidence of a plan that is saved without an editor: read like a check, with times, and with reasons where it is not.

import assert from 'node:assert/strict';
import { failureCode } from '../../src/core/failure.ts';
import type { Endpoint, Survey } from '../../src/core/tls/evidence.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { planDocument } from '../../src/core/tls/planDocument.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { readPlanEvidence } from '../../src/flows/readPlanEvidence.ts';
import type { PlanEvidence } from '../../src/flows/readPlanEvidence.ts';
import { survey } from '../support/instances.ts';
import { idOf, openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const instanceId = idOf('contoso-b2b');
const changes: DraftChanges = { 'backend.tls10': 'on', 'client.tls13': 'on' };

const probe: Probe = {
  surveyAll: (endpoints: readonly Endpoint[], _planned, onSurvey) => {
    const found = endpoints.map((endpoint): Survey => {
      const seen = { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' };
      return survey({ tls12: [0xc030] }, { endpoint: seen, at: '2026-11-20T12:00:00.000Z' });
    });
    found.forEach(onSurvey);
    return Promise.resolve(found);
  },
};

const read = (scene: Scene, more: Partial<Parameters<typeof readPlanEvidence>[0]> = {}) =>
  readPlanEvidence({ azure: scene.azure, probe, instanceId, changes, now: scene.now, ...more });

function documentOf(source: PlanEvidence, wanted = changes): string {
  const request = { method: 'PATCH', url: 'https://management.azure.com/x' };
  const savedAt = '2026-11-20T12:01:00.000Z';
  return planDocument({ ...source, changes: wanted, savedAt, estate: 'azure', request }, () => 'digest');
}

describe('the evidence of a plan without an editor', () => {
  it('has callers, backends of configuration and logs, renegotiations and probes, each with its time', async () => {
    const source = await read(openScene());
    assert.equal(source.traffic?.state, 'read');
    assert.ok((source.asking?.count ?? 0) > 0);
    assert.deepEqual(source.notRead, {});
    const text = documentOf(source);
    const moment = '2026-11-20 12:0\\d:\\d\\d UTC';
    for (const line of [
      'Settings of the instance: read from Azure on MOMENT',
      'Backends of the configuration: \\d+, read on MOMENT',
      'Backends in the logs: the last 30 days, read on MOMENT',
      'Traffic: the last 30 days, read on MOMENT',
      'Operations that ask for client certificates, by estimate: \\d+, read on MOMENT',
      'Hosts that were probed from this machine: \\d+',
    ])
      assert.match(text, new RegExp(`^- ${line.replace('MOMENT', moment)}$`, 'm'), line);
    assert.doesNotMatch(text, /not read/);
    assert.match(text, /\| TLS 1\.2 +\| [\d,]+ +\|/);
  });

  it('reads callers also where no version goes off for them, and says why renegotiations are left out', async () => {
    const wanted: DraftChanges = { 'client.http2': 'on' };
    const source = await read(openScene(), { changes: wanted });
    assert.equal(source.traffic?.state, 'read');
    const text = documentOf(source, wanted);
    assert.match(text, /client certificates: not read, as they matter only where TLS 1\.3 comes on for clients/);
  });

  it('names what could not be read, with the reason, and has the rest', async () => {
    const scene = openScene();
    const path = /\/(backends|apis|policies|listPolicies|products)\b|diagnosticSettings/;
    scene.faults.add({ match: { path }, times: Infinity, fault: { kind: 'forbidden' } });
    const source = await read(scene);
    assert.equal(source.backends, null);
    const text = documentOf(source);
    for (const what of [
      'Backends of the configuration',
      'Backends in the logs',
      'Traffic',
      'Operations that ask for client certificates',
    ])
      assert.match(text, new RegExp(`^- ${what}: not read: You .* your roles lack the action`, 'm'), what);
    assert.match(text, /The backends were not read, so it is not known which there are\.\n\nYou have no permission/);
    assert.match(text, /Settings of the instance: read from Azure on/);
  });

  it('is cancelled as a whole, and is nothing where the instance cannot be read', async () => {
    const ended = AbortSignal.abort();
    await assert.rejects(read(openScene(), { signal: ended }), (error) => failureCode(error) === 'cancelled');
    const scene = openScene();
    scene.faults.add({ match: { path: /contoso-b2b\?/ }, times: Infinity, fault: { kind: 'forbidden' } });
    await assert.rejects(read(scene), (error) => failureCode(error) === 'forbidden');
  });
});
