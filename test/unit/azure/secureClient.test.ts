// Where requests may go, over which TLS, and by whose connections. Real servers on loopback.

import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { connectAzure } from '../../../src/azure/connect.ts';
import type { Cloud } from '../../../src/azure/clouds.ts';
import { clouds } from '../../../src/azure/clouds.ts';
import { secureClient } from '../../../src/azure/secureClient.ts';
import { isArmError } from '../../../src/core/failure.ts';
import type { FailureDetails } from '../../../src/core/failure.ts';
import { failureSentence } from '../../../src/core/failureText.ts';
import { createAuthority, ecKey } from '../../../src/emulator/certificate.ts';
import { trust } from '../../support/rest.ts';
import { scripted, subscription } from './scriptedAzure.ts';

async function failureOf(work: Promise<unknown>): Promise<FailureDetails> {
  const error = await work.then(
    () => assert.fail('It should have been rejected.'),
    (reason: unknown) => reason,
  );
  assert.ok(isArmError(error), String(error));
  return error.details;
}

/** Remembers what would have been sent. */
function recorder(): { readonly sent: PipelineRequest[]; readonly client: HttpClient } {
  const sent: PipelineRequest[] = [];
  const client: HttpClient = {
    sendRequest: (request) => {
      sent.push(request);
      return Promise.resolve({ request, status: 200, headers: createHttpHeaders(), bodyAsText: '{}' });
    },
  };
  return { sent, client };
}

const opened: Server[] = [];
async function listen(options: tls.TlsOptions, answer: Parameters<typeof createServer>[1]): Promise<number> {
  const authority = createAuthority(await ecKey(), Date.now());
  const leaf = authority.issue({
    names: ['localhost', '127.0.0.1'],
    key: await ecKey(),
    notBefore: Date.now() - 86_400_000,
    notAfter: Date.now() + 86_400_000,
  });
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const server = createServer({ key, cert: leaf.pem, ...options }, answer);
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  restore.push(trust(authority.pem));
  return (server.address() as AddressInfo).port;
}
const restore: (() => void)[] = [];

function cloudAt(port: number): Cloud {
  return { ...clouds.public, name: 'custom', arm: `https://127.0.0.1:${port}` };
}

function azureAt(port: number) {
  return connectAzure({
    cloud: cloudAt(port),
    accountLabel: 'somebody',
    credentialFor: () => ({
      getToken: () => Promise.resolve({ token: 'secret-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
    retry: { maxRetries: 0 },
  });
}

describe('secure client', () => {
  afterEach(async () => {
    for (const undo of restore.splice(0).reverse()) undo();
    await Promise.all(
      opened.splice(0).map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  });

  it('brings no agent, so that VS Code chooses the connection, and asks for TLS 1.2 at least', async () => {
    const { sent, client } = recorder();
    const request = createPipelineRequest({ url: 'https://arm.example/x', agent: {} as never });
    await secureClient(['https://arm.example'], client).sendRequest(request);
    assert.equal(sent[0]?.agent, undefined);
    assert.deepEqual(sent[0]?.requestOverrides, { agent: undefined, minVersion: 'TLSv1.2' });
  });

  for (const url of [
    'https://other.example/x',
    'https://arm.example:8443/x',
    'https://arm.example.other.example/x',
    'http://arm.example/x',
    'https://arm.example@other.example/x',
  ]) {
    it(`sends nothing to ${url}`, async () => {
      const { sent, client } = recorder();
      const request = createPipelineRequest({ url, allowInsecureConnection: true });
      const failure = await failureOf(secureClient(['https://arm.example'], client).sendRequest(request));
      assert.equal(failure.code, 'malformed');
      assert.equal(sent.length, 0);
    });
  }

  it('follows no redirect to another host', async () => {
    const asked: string[] = [];
    const other = await listen({}, (request, response) => {
      asked.push(`${request.headers.authorization}`);
      response.end('{"value":[]}');
    });
    for (const status of [301, 302, 307, 308]) {
      const port = await listen({}, (request, response) => {
        response.writeHead(status, { location: `https://localhost:${other}${request.url}` });
        response.end();
      });
      await failureOf(azureAt(port).readEstate());
    }
    assert.deepEqual(asked, []);
  });

  it('follows no link to a further page at another host', async () => {
    const { azure, asked } = scripted(() => ({
      body: { value: [], nextLink: 'https://other.example/subscriptions?page=2' },
    }));
    const failure = await failureOf(azure.readSubscription({ id: subscription, name: 'Sub', tenantId: 'tenant' }));
    assert.equal(failure.code, 'malformed');
    assert.match(failure.serviceMessage ?? '', /another host/);
    assert.equal(asked.length, 1);
  });

  it('refuses a server that speaks TLS 1.1 at most, even where the platform would take it, and says so', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const asked: string[] = [];
    const port = await listen(old, (request, response) => {
      asked.push(`${request.headers.authorization}`);
      response.end('{"value":[]}');
    });
    const platform = { least: tls.DEFAULT_MIN_VERSION, suites: tls.DEFAULT_CIPHERS };
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0';
    try {
      const failure = await failureOf(azureAt(port).readEstate());
      assert.equal(failure.code, 'oldTls', JSON.stringify(failure));
      const host = `127\\.0\\.0\\.1:${port}`;
      assert.match(failureSentence(failure), new RegExp(`${host} does not speak TLS 1\\.2 or later`));
    } finally {
      tls.DEFAULT_MIN_VERSION = platform.least;
      tls.DEFAULT_CIPHERS = platform.suites;
    }
    assert.deepEqual(asked, []);
  });

  it('takes TLS 1.2 and 1.3, and uses a connection again', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const sockets = new Set<unknown>();
      const port = await listen({ minVersion: version, maxVersion: version }, (request, response) => {
        sockets.add(request.socket);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"value":[]}');
      });
      for (let i = 0; i < 3; i += 1) assert.deepEqual((await azureAt(port).readEstate()).instances, []);
      assert.equal(sockets.size, 1, version);
    }
  });

  it('refuses a certificate that the machine does not trust', async () => {
    const port = await listen({}, (_request, response) => response.end('{"value":[]}'));
    restore.splice(0).forEach((undo) => undo());
    assert.equal((await failureOf(azureAt(port).readEstate())).code, 'certificateRefused');
  });
});
