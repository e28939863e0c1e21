// The survey against the clients of OpenSSL, NSS and GnuTLS, on servers of seven makers: versions, suites, order.

import assert from 'node:assert/strict';
import { gatewaySuites } from '../../src/core/tls/ciphers.ts';
import type { Endpoint, Offer, OfferAnswer, Survey } from '../../src/core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { survey } from '../../src/probe/survey.ts';
import { Pki, type Running } from '../unit/probe/servers.ts';
import { catalogue, fillPki } from './catalogue.ts';
import { knownGroups, makeOracle, type GroupVersion, type Oracle, type Truth } from './oracle.ts';

const byCode = (a: number, b: number): number => a - b;
const sorted = (suites: readonly number[] | undefined): readonly number[] | undefined => suites?.toSorted(byCode);

function assertSameSuites(found: Survey['suites'], truth: Truth['suites']): void {
  for (const version of protocolVersions) assert.deepEqual(sorted(found[version]), truth[version], version);
}

function ofGateway(version: ProtocolVersion, suites: readonly number[]): readonly number[] {
  const codes = gatewaySuites.filter(({ versions }) => versions.includes(version)).map(({ code }) => code);
  return suites.filter((code) => codes.includes(code));
}

const planned: Offer = { versions: ['tls13', 'tls12'], suites: gatewaySuites.map(({ code }) => code) };

function assertPlanned(answer: OfferAnswer | null, truth: Truth): void {
  const version = planned.versions.find((one) => ofGateway(one, truth.suites[one] ?? []).length > 0);
  assert.equal(answer?.connects, version ? 'yes' : 'no');
  assert.equal(answer.version, version ?? null);
  if (version)
    assert.ok(answer.suite !== null && ofGateway(version, truth.suites[version] ?? []).includes(answer.suite));
}

describe('survey against the clients of other makers', function () {
  this.timeout(60_000);
  let pki: Pki;
  let oracle: Oracle;
  let server: Running | undefined;
  before(async () => {
    pki = new Pki();
    fillPki(pki);
    oracle = await makeOracle(pki.file('root.crt'));
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(() => pki.remove());

  async function assertOrder(endpoint: Endpoint, full: Survey): Promise<void> {
    for (const version of protocolVersions) {
      const found = full.suites[version] ?? [];
      const preference = await oracle.preference(endpoint, version, found);
      if (preference === 'unknown') continue;
      assert.equal(full.preference?.[version], preference, `preference of ${version}`);
      const order = preference === 'server' ? await oracle.order(endpoint, version, found) : undefined;
      if (order !== undefined) assert.deepEqual(found, order, `order of ${version}`);
    }
  }

  async function assertGroups(endpoint: Endpoint, full: Survey): Promise<void> {
    const versions: readonly GroupVersion[] = ['tls12', 'tls13'];
    for (const version of versions) {
      const found = full.groups?.accepted[version]?.filter((code) => knownGroups[version].has(code));
      if (found) assert.deepEqual(sorted(found), await oracle.groups(endpoint, version), `groups of ${version}`);
      else assert.deepEqual(await oracle.groups(endpoint, version), [], `groups of ${version}`);
    }
  }

  for (const [name, start] of Object.entries(catalogue)) {
    it(`is right about ${name}`, async () => {
      server = await start(pki);
      const { endpoint } = server;
      const extraRoots = [pki.pem('root')];
      const truth = await oracle.truth(endpoint);
      const quick = await survey(endpoint, planned, { extraRoots });
      assert.deepEqual(quick.protocols, truth.protocols);
      assertPlanned(quick.planned, truth);
      const expected = Object.entries(truth.suites).map(([version, suites]) => {
        return [version, ofGateway(version as ProtocolVersion, suites)];
      });
      assertSameSuites(quick.suites, Object.fromEntries(expected) as Truth['suites']);
      const full = await survey(endpoint, null, { extraRoots, depth: 'full' });
      assert.deepEqual(full.protocols, truth.protocols);
      assertSameSuites(full.suites, truth.suites);
      await assertOrder(endpoint, full);
      await assertGroups(endpoint, full);
    });
  }
});
