// One survey for each address behind a name.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '../../../src/core/tls/evidence.ts';
import { hostSeen } from '../../../src/core/tls/verification.ts';
import { surveyEveryAddress } from '../../../src/probe/survey.ts';
import { opensslServer, Pki, relay } from './servers.ts';
import type { Running } from './servers.ts';

describe('surveys of every address', function () {
  this.timeout(30_000);
  let pki: Pki;
  const running: Running[] = [];
  const relays: Server[] = [];
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'DNS:api.example', 'root');
  });
  afterEach(async () => {
    for (const server of relays.splice(0)) await new Promise((resolve) => server.close(resolve));
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  after(() => pki.remove());

  const start = async (...args: readonly string[]): Promise<Endpoint> => {
    const server = await opensslServer([...pki.args('rsa'), ...args]);
    running.push(server);
    return server.endpoint;
  };
  const listen = async (address: string, to: Endpoint, port = 0): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      relay(socket, to);
    });
    relays.push(server);
    server.listen(port, address);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  it('see what a single address still takes, and which was not reached', async () => {
    const [changed, old] = [await start('-tls1_3'), await start('-tls1_2')];
    const port = await listen('127.0.0.1', changed);
    await listen('127.0.0.2', old, port);
    const address = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
    const surveys = await surveyEveryAddress({ host: 'api.example', port }, { route: () => ({ address, port }) });
    assert.deepEqual(
      surveys.map(({ endpoint, behaviour, protocols }) => [
        endpoint.serverName,
        endpoint.address,
        behaviour,
        protocols.tls12,
      ]),
      [
        ['api.example', `127.0.0.1:${port}`, 'tls', 'no'],
        ['api.example', `127.0.0.2:${port}`, 'tls', 'yes'],
        ['api.example', null, 'refused', 'unknown'],
      ],
    );
    const name = { host: 'api.example', kind: 'custom', region: null } as const;
    const seen = hostSeen(name, [{ id: 'client.tls12', accepted: false }], surveys);
    assert.deepEqual(
      [seen.state, ...seen.addresses.map(({ state }) => state)],
      ['stillOld', 'confirmed', 'stillOld', 'notReached'],
    );
  });

  it('are one where there is one address, none to be found, or a cancelled look', async () => {
    const endpoint = await start('-tls1_2');
    assert.equal((await surveyEveryAddress(endpoint)).length, 1);
    const [lost] = await surveyEveryAddress({ host: 'nowhere.invalid', port: 443 }, { connectionTimeoutMs: 500 });
    assert.equal(lost?.behaviour, 'unresolvable');
    const [cancelled] = await surveyEveryAddress(endpoint, { signal: AbortSignal.abort() });
    assert.equal(cancelled?.behaviour, 'cancelled');
  });
});
