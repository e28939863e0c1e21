// Awkward servers, each a real one behind a relay: what the survey says is what the real one does, or unknown.

import assert from 'node:assert/strict';
import type { Survey } from '../../src/core/tls/evidence.ts';
import { protocolVersions } from '../../src/core/tls/protocols.ts';
import { survey } from '../../src/probe/survey.ts';
import { opensslServer, Pki, type Running } from '../unit/probe/servers.ts';
import { bearable, extensionless, hardlyBearable } from './awkward.ts';
import { makeOracle, type Truth } from './oracle.ts';

const options = { depth: 'full', connectionTimeoutMs: 1500, endpointTimeoutMs: 20_000 } as const;

function assertNoFalseSuite({ suites }: Survey, truth: Truth): void {
  for (const version of protocolVersions) {
    for (const suite of suites[version] ?? [])
      assert.ok(truth.suites[version]?.includes(suite), `${version}: ${suite}`);
  }
}

/** A list that is there is complete. */
function assertWholeLists({ suites }: Survey, truth: Truth): void {
  for (const [version, found] of Object.entries(suites)) {
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      truth.suites[version as keyof Truth['suites']],
      version,
    );
  }
}

function assertNothingFalse(result: Survey, truth: Truth): void {
  for (const version of protocolVersions) {
    const found = result.protocols[version];
    assert.ok(found === 'unknown' || found === truth.protocols[version], `${version}: ${found}`);
  }
  assertNoFalseSuite(result, truth);
  assert.ok(['unknown', 'none-seen'].includes(result.clientCertificate.inHandshake));
  assert.notEqual(result.clientCertificate.renegotiation, 'seen');
  assert.notEqual(result.clientCertificate.postHandshake, 'seen');
}

describe('survey of awkward servers against the real ones behind them', function () {
  this.timeout(60_000);
  let pki: Pki;
  let real: Running;
  let truth: Truth;
  let server: Running | undefined;
  before(async () => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    const suites =
      'ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-SHA256:AES256-SHA:ECDHE-RSA-CHACHA20-POLY1305:@SECLEVEL=0';
    real = await opensslServer([...pki.args('rsa'), '-cipher', suites, '-serverpref']);
    truth = await (await makeOracle(pki.file('root.crt'))).truth(real.endpoint);
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(async () => {
    await real.stop();
    pki.remove();
  });

  for (const [name, start] of Object.entries(bearable)) {
    it(`finds everything behind ${name}`, async () => {
      server = await start(real.endpoint);
      const result = await survey(server.endpoint, null, { ...options, extraRoots: [pki.pem('root')] });
      assert.deepEqual(result.protocols, truth.protocols);
      assertNothingFalse(result, truth);
      assertWholeLists(result, truth);
      assert.deepEqual(Object.keys(result.suites).sort(), Object.keys(truth.suites).sort());
      assert.deepEqual(result.certificate?.findings, []);
    });
  }

  for (const [name, start] of Object.entries({ ...extensionless, ...hardlyBearable })) {
    it(`says nothing false behind ${name}`, async () => {
      server = await start(real.endpoint);
      const result = await survey(server.endpoint, null, { ...options, extraRoots: [pki.pem('root')] });
      assertNothingFalse(result, truth);
      if (name in hardlyBearable) assertWholeLists(result, truth);
      assert.ok(result.certificate === null || result.certificate.findings.length === 0);
    });
  }
});
