import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { clouds } from '../../../src/azure/clouds.ts';
import { connectAzure } from '../../../src/azure/connect.ts';
import { totalOf } from '../../../src/core/traffic.ts';
import { createAuthority, ecKey, rsaKey } from '../../../src/emulator/certificate.ts';
import { createFaults } from '../../../src/emulator/faults.ts';
import { openHttpsEmulator } from '../../../src/emulator/httpsServer.ts';
import type { EmulatorOptions, HttpsEmulator } from '../../../src/emulator/httpsServer.ts';
import { ask, trust } from '../../support/rest.ts';
import type { Ask, Reply } from '../../support/rest.ts';
import { contoso, fabrikam, partner, path, production } from './sdk.ts';

const version = 'api-version=2022-12-01';
const apim = 'api-version=2024-05-01';

interface Problem {
  readonly error: { readonly code: string; readonly message: string };
}

const codeOf = ({ body }: Reply) => (JSON.parse(body) as Problem).error.code;

/** The form of a token request; what is given replaces or, where undefined, leaves out. */
function formFor(emulator: HttpsEmulator, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const fields = {
    grant_type: 'client_credentials',
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
    scope: `${emulator.arm}/.default`,
    ...changes,
  };
  const kept = Object.entries(fields).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as [string, string]],
  );
  return new URLSearchParams(kept).toString();
}

function getToken(emulator: HttpsEmulator, changes = {}, tenantId = emulator.tenantId): Promise<Reply> {
  const url = `${emulator.authority}/${tenantId}/oauth2/v2.0/token`;
  return ask(url, { ca: emulator.caPem, method: 'POST', body: formFor(emulator, changes) });
}

async function tokenFor(emulator: HttpsEmulator, changes = {}, tenantId = emulator.tenantId): Promise<string> {
  const { status, body } = await getToken(emulator, changes, tenantId);
  assert.equal(status, 200, body);
  return (JSON.parse(body) as { access_token: string }).access_token;
}

describe('emulator over HTTPS', () => {
  const opened: HttpsEmulator[] = [];
  let emulator: HttpsEmulator;
  const open = async (options: EmulatorOptions = {}) => {
    const one = await openHttpsEmulator(options);
    opened.push(one);
    return one;
  };
  const arm = async (target: string, more: Partial<Ask> = {}, token?: string) =>
    ask(`${emulator.arm}${target}`, {
      ca: emulator.caPem,
      ...more,
      headers: { authorization: `Bearer ${token ?? (await tokenFor(emulator))}`, ...more.headers },
    });

  before(async () => {
    emulator = await open();
  });
  after(() => Promise.all(opened.map((one) => one.close())));

  describe('as a server', () => {
    it('shows a certificate of its own authority, and speaks TLS 1.2 and 1.3 but nothing older', async () => {
      const { port } = new URL(emulator.arm);
      const talk = (versions: object) =>
        new Promise<string | null>((resolve, reject) => {
          const socket = connect({ host: '127.0.0.1', port: Number(port), ca: emulator.caPem, ...versions });
          socket.once('error', reject).once('secureConnect', () => {
            resolve(socket.getProtocol());
            socket.destroy();
          });
        });
      assert.equal(await talk({}), 'TLSv1.3');
      assert.equal(await talk({ maxVersion: 'TLSv1.2' }), 'TLSv1.2');
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
      await assert.rejects(talk(old), /protocol version/);
      await assert.rejects(talk({ ca: (await open()).caPem }), /certificate|signature/i);
    });

    it('refuses unknown paths, methods, versions and bodies in the shape of Azure Resource Manager', async () => {
      const refusals: readonly (readonly [string, Partial<Ask>, number, string])[] = [
        [`/nowhere?${version}`, {}, 404, 'InvalidResourceType'],
        ['/subscriptions', {}, 400, 'MissingApiVersionParameter'],
        ['/subscriptions?api-version=1999-01-01', {}, 400, 'InvalidApiVersionParameter'],
        [`${path('contoso-hub')}?api-version=2015-01-01`, {}, 400, 'NoRegisteredProviderFound'],
        [`/subscriptions?${version}`, { method: 'DELETE' }, 405, 'MethodNotAllowed'],
        [`${path('contoso-hub')}/backends?${apim}`, { method: 'PUT', body: '{}' }, 405, 'MethodNotAllowed'],
        [`${path('contoso-hub')}?${apim}`, { method: 'PATCH', body: '{"properties":' }, 400, 'InvalidRequestContent'],
        [`${path('contoso-hub')}?${apim}`, { method: 'PATCH', body: '[]' }, 400, 'ValidationError'],
        [
          '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
          { method: 'POST' },
          400,
          'InvalidRequestContent',
        ],
      ];
      for (const [target, more, status, code] of refusals) {
        const reply = await arm(target, more);
        assert.deepEqual([reply.status, codeOf(reply)], [status, code], `${more.method ?? 'GET'} ${target}`);
        assert.ok(reply.headers['x-ms-request-id']);
      }
      assert.equal((await arm(`/subscriptions?${version}`, { method: 'DELETE' })).headers.allow, 'GET');
    });

    it('takes bodies up to 4 MB, and goes on serving after a longer one', async () => {
      const target = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
      const body = (bytes: number) => JSON.stringify({ query: 'x'.repeat(bytes) });
      assert.equal((await arm(target, { method: 'POST', body: body(4_000_000) })).status, 400);
      const long = arm(target, { method: 'POST', body: body(5_000_000) });
      // A client that is still writing may see the connection end before it reads the answer.
      const seen = await long.then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
      assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(seen ?? ''), String(seen));
      assert.equal((await arm(`/subscriptions?${version}`)).status, 200);
    });

    it('answers what is no HTTP with 400 and ends', async () => {
      const { port } = new URL(emulator.arm);
      const text = await new Promise<string>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: Number(port), ca: emulator.caPem }, () =>
          socket.write('RUBBISH\r\n\r\n'),
        );
        let seen = '';
        socket.on('data', (part: Buffer) => (seen += part.toString())).once('end', () => resolve(seen));
        socket.once('error', reject);
      });
      assert.match(text, /^HTTP\/1\.1 400 .*"code":"BadRequest"/s);
    });

    it('drops connections, waits and lets go of what hangs when the client goes', async () => {
      const faults = createFaults([
        { match: { path: /drop/ }, times: 1, fault: { kind: 'drop' } },
        { match: { path: /hang/ }, times: 1, fault: { kind: 'hang' } },
      ]);
      const one = await open({ faults, latencyMs: () => 40 });
      const headers = { authorization: `Bearer ${await tokenFor(one)}` };
      const started = performance.now();
      await assert.rejects(ask(`${one.arm}/drop?${version}`, { ca: one.caPem, headers }), /hang up|ECONNRESET/);
      assert.ok(performance.now() - started >= 39);
      const hanging = ask(`${one.arm}/hang?${version}`, { ca: one.caPem, headers });
      const ended = assert.rejects(hanging, /hang up|ECONNRESET/);
      // A later request is answered while the other one hangs.
      assert.equal((await ask(`${one.arm}/subscriptions?${version}`, { ca: one.caPem, headers })).status, 200);
      await one.close();
      await ended;
    });

    it('names the port that is taken', async () => {
      const port = Number(new URL(emulator.arm).port);
      await assert.rejects(openHttpsEmulator({ port }), { code: 'EADDRINUSE' });
    });
  });

  describe('Log Analytics', () => {
    const workspace = '5d9b1c3e-2f47-4c1a-8e06-b1f20a7c9d41';
    const query = async (token: string, more: Partial<Ask> = {}) =>
      ask(`${emulator.logs}/v1/workspaces/${workspace}/query`, {
        ca: emulator.caPem,
        method: 'POST',
        body: '{"query":"AzureDiagnostics | take 1","timespan":"P30D"}',
        ...more,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });

    it('takes tokens for logs only, and one query only', async () => {
      const forArm = await query(await tokenFor(emulator));
      assert.deepEqual([forArm.status, codeOf(forArm)], [401, 'InvalidAuthenticationTokenAudience']);
      const token = await tokenFor(emulator, { scope: `${emulator.logs}/.default` });
      const other = await query(token);
      assert.deepEqual([other.status, codeOf(other)], [400, 'BadArgumentError']);
      const read = await query(token, { method: 'GET', body: '' });
      assert.deepEqual([read.status, codeOf(read)], [404, 'PathNotFoundError']);
    });

    it('answers the product, which asks for a token for logs only when it needs one', async () => {
      const scopes: string[] = [];
      const azure = connectAzure({
        cloud: { ...clouds.public, name: 'custom', arm: emulator.arm, logs: emulator.logs },
        accountLabel: 'application',
        credentialFor: () => ({
          getToken: async (asked) => {
            const scope = [asked].flat()[0] ?? '';
            scopes.push(scope);
            return { token: await tokenFor(emulator, { scope }), expiresOnTimestamp: Date.now() + 3_600_000 };
          },
        }),
        retry: { maxRetries: 0 },
      });
      const restore = trust(emulator.caPem);
      try {
        await azure.readInstance(path('contoso-shop-prod'));
        assert.ok(!scopes.some((scope) => scope.startsWith(emulator.logs)));
        const traffic = await azure.readTraffic(path('contoso-shop-prod'), 30);
        assert.equal(totalOf(traffic, 'tls10')?.requests, 1204);
        assert.equal(scopes.filter((scope) => scope === `${emulator.logs}/.default`).length, 1);
      } finally {
        restore();
      }
    });
  });

  describe('tokens', () => {
    it('come for the right tenant, client, secret and scope only', async () => {
      const wrong: readonly (readonly [object, number, string, number])[] = [
        [{ client_secret: 'guess' }, 401, 'invalid_client', 7000215],
        [{ client_secret: undefined }, 401, 'invalid_client', 7000218],
        [{ client_id: 'b0b0b0b0-0000-4000-8000-000000000000' }, 400, 'unauthorized_client', 700016],
        [{ scope: 'https://vault.example/.default' }, 400, 'invalid_resource', 500011],
        [{ scope: emulator.arm }, 400, 'invalid_scope', 70011],
        [{ scope: undefined }, 400, 'invalid_request', 900144],
        [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
      ];
      for (const [changes, status, error, code] of wrong) {
        const reply = await getToken(emulator, changes);
        const told = JSON.parse(reply.body) as { error: string; error_codes: number[]; error_description: string };
        assert.deepEqual([reply.status, told.error, told.error_codes], [status, error, [code]], reply.body);
        assert.match(told.error_description, new RegExp(`^AADSTS${code}: `));
        assert.ok(!reply.body.includes(emulator.clientSecret));
      }
      assert.match((await getToken(emulator, {}, 'nowhere')).body, /AADSTS90002/);
      assert.ok(await tokenFor(emulator, {}, contoso.domain));
    });

    it('are looked at by Azure Resource Manager: own, right audience, right tenant, in time', async () => {
      const target = `/subscriptions?${version}`;
      const refusedAs = async (token: string, at = target) => {
        const reply = await arm(at, {}, token);
        assert.equal(reply.status, 401);
        assert.match(
          reply.headers['www-authenticate'] ?? '',
          /^Bearer authorization_uri="https:.*error="invalid_token"/,
        );
        assert.ok(reply.headers['www-authenticate']?.includes(`${emulator.authority}/`));
        return codeOf(reply);
      };
      const good = await tokenFor(emulator);
      assert.equal((await arm(target, {}, good)).status, 200);
      assert.equal(await refusedAs('nonsense'), 'InvalidAuthenticationToken');
      assert.equal(await refusedAs(`${good.slice(0, -4)}AAAA`), 'InvalidAuthenticationToken');
      assert.equal(await refusedAs(await tokenFor(await open())), 'InvalidAuthenticationToken');
      const forLogs = await tokenFor(emulator, { scope: `${emulator.logs}/.default` });
      assert.equal(await refusedAs(forLogs), 'InvalidAuthenticationTokenAudience');
      const foreign = await tokenFor(emulator, {}, fabrikam.id);
      const list = `/subscriptions/${production}/providers/Microsoft.ApiManagement/service?${apim}`;
      assert.equal(await refusedAs(foreign, list), 'InvalidAuthenticationTokenTenant');
      const names = (await arm(target, {}, foreign)).body;
      assert.ok(names.includes(partner) && !names.includes(production));
    });

    it('are taken for as long as they say, and no longer', async () => {
      const shortLived = await open({ tokenSeconds: 0 });
      const token = await tokenFor(shortLived);
      const reply = await ask(`${shortLived.arm}/subscriptions?${version}`, {
        ca: shortLived.caPem,
        headers: { authorization: `Bearer ${token}` },
      });
      assert.deepEqual([reply.status, codeOf(reply)], [401, 'ExpiredAuthenticationToken']);
    });

    it('are what @azure/identity gets, with the secret and with a certificate', async () => {
      const now = Date.now();
      const rsa = await rsaKey();
      const issued = (at: number) =>
        createAuthorityOnce.then((authority) =>
          authority.issue({ names: ['client.example'], key: rsa, notBefore: at, notAfter: now + 3_600_000 }),
        );
      const createAuthorityOnce = ecKey().then((key) => createAuthority(key, now));
      const [leaf, other] = await Promise.all([issued(now - 60_000), issued(now - 120_000)]);
      const one = await open({ clientCertificates: [new X509Certificate(leaf.der)] });
      const scope = `${one.arm}/.default`;
      const options = { authorityHost: one.authority, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 } };
      const withCertificate = (pem: string) =>
        new ClientCertificateCredential(
          one.tenantId,
          one.clientId,
          { certificate: `${rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${pem}` },
          options,
        );
      const restore = trust(one.caPem);
      try {
        const bySecret = new ClientSecretCredential(one.tenantId, one.clientId, one.clientSecret, options);
        for (const credential of [bySecret, withCertificate(leaf.pem)]) {
          const { token, expiresOnTimestamp } = await credential.getToken(scope);
          assert.ok(Math.abs(expiresOnTimestamp - now - 3_600_000) < 60_000);
          const headers = { authorization: `Bearer ${token}` };
          const reply = await ask(`${one.arm}/subscriptions?${version}`, { ca: one.caPem, headers });
          assert.equal(reply.status, 200);
        }
        const badSecret = new ClientSecretCredential(one.tenantId, one.clientId, 'guess', options);
        await assert.rejects(badSecret.getToken(scope), /AADSTS7000215/);
        await assert.rejects(withCertificate(other.pem).getToken(scope), /AADSTS700027/);
      } finally {
        restore();
      }
    });
  });
});
