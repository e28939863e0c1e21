// What really stands in the way, on real sockets: the codes that Node and OpenSSL give are told as what they mean.

import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { createDefaultHttpClient, proxyPolicy } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { isArmError } from '../../../src/core/failure.ts';
import type { FailureDetails } from '../../../src/core/failure.ts';
import { clouds } from '../../../src/azure/clouds.ts';
import { connectAzure } from '../../../src/azure/connect.ts';
import { createAuthority, ecKey } from '../../../src/emulator/certificate.ts';
import { serviceId } from './scriptedAzure.ts';

const now = Date.now();
const authority = createAuthority(await ecKey(), now);

const hour = 3_600_000;

async function pem(host: string, notAfter = now + hour): Promise<{ readonly key: string; readonly cert: string }> {
  const { pem: cert, privateKey } = authority.issue({
    names: [host],
    key: await ecKey(),
    notBefore: now - 2 * hour,
    notAfter,
  });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

describe('the way to Azure', () => {
  const servers: TcpServer[] = [];
  const listen = async (server: TcpServer): Promise<number> => {
    servers.push(server);
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  after(() => servers.forEach((server) => server.close()));

  async function failure(
    arm: string,
    change: (request: PipelineRequest) => void = () => undefined,
  ): Promise<FailureDetails> {
    const client = createDefaultHttpClient();
    const httpClient: HttpClient = {
      sendRequest: (request) => {
        change(request);
        return client.sendRequest(request);
      },
    };
    return failureOver(arm, httpClient);
  }

  async function failureOver(arm: string, httpClient: HttpClient): Promise<FailureDetails> {
    const azure = connectAzure({
      cloud: { ...clouds.public, arm },
      accountLabel: 'somebody',
      credentialFor: () => ({
        getToken: () => Promise.resolve({ token: 'secret-token', expiresOnTimestamp: now + hour }),
      }),
      httpClient,
      retry: { maxRetries: 0, delayMs: 0 },
      timeoutMs: 5000,
    });
    const error: unknown = await azure.readInstance(serviceId).then(
      () => assert.fail('It should have been rejected.'),
      (reason: unknown) => reason,
    );
    assert.ok(isArmError(error), String(error));
    assert.doesNotMatch(JSON.stringify(error.details), /secret-token/);
    return error.details;
  }

  it('is none where a name is not there', async () => {
    const { code, host } = await failure('https://nobody.invalid');
    assert.deepEqual([code, host], ['dns', 'nobody.invalid']);
  });

  it('is none where nothing listens, or where the connection is reset', async () => {
    const closed = createTcp();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    assert.equal((await failure(`https://127.0.0.1:${port}`)).code, 'network');
    const resetting = await listen(createTcp((socket) => socket.resetAndDestroy()));
    assert.equal((await failure(`https://127.0.0.1:${resetting}`)).code, 'network');
  });

  it('is refused by a certificate of an issuer that nobody knows, and by one for another name', async () => {
    const port = await listen(createTls(await pem('localhost')));
    const unknown = await failure(`https://localhost:${port}`);
    assert.equal(unknown.code, 'certificateRefused');
    const other = await listen(createTls(await pem('other.example')));
    const mismatch = await failure(`https://localhost:${other}`, (request) => {
      request.requestOverrides = { ...request.requestOverrides, ca: authority.pem };
    });
    assert.equal(mismatch.code, 'certificateRefused');
    assert.match(mismatch.serviceMessage ?? '', /other\.example/);
  });

  it('is refused by a certificate that is not valid by the clock of this machine', async () => {
    const port = await listen(createTls(await pem('localhost', now - hour)));
    const expired = await failure(`https://localhost:${port}`, (request) => {
      request.requestOverrides = { ...request.requestOverrides, ca: authority.pem };
    });
    assert.equal(expired.code, 'clock');
  });

  it('is too old where the other end has no TLS 1.2, or no TLS', async () => {
    const old = createTls({
      ...(await pem('localhost')),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    assert.equal((await failure(`https://localhost:${await listen(old)}`)).code, 'oldTls');
    const plain = createHttp((_, response) => response.end('{}'));
    assert.equal((await failure(`https://localhost:${await listen(plain)}`)).code, 'oldTls');
  });

  it('leads through a proxy that wants to be signed in to', async () => {
    const proxy = createHttp();
    proxy.on('connect', (_, socket) =>
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n' +
          'Content-Type: text/html\r\nConnection: close\r\nContent-Length: 34\r\n\r\n<html><title>Who are you?</title> ',
      ),
    );
    const through = proxyPolicy({ host: 'http://127.0.0.1', port: await listen(proxy) });
    const client = createDefaultHttpClient();
    const { code, status } = await failureOver('https://management.example', {
      sendRequest: (request) => {
        delete request.requestOverrides;
        return through.sendRequest(request, (next) => client.sendRequest(next));
      },
    });
    assert.deepEqual([code, status], ['proxy', 407]);
  });
});
