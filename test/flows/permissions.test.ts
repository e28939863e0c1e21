// Which role actions the product needs, held against docs/permissions.md, and what is left where one is missing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { clouds } from '../../src/azure/clouds.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import type { ConnectedAzure } from '../../src/azure/connect.ts';
import { failureDetails } from '../../src/core/failure.ts';
import { failureSentence } from '../../src/core/failureText.ts';
import { sourceLine } from '../../src/core/renegotiationText.ts';
import type { Instance } from '../../src/core/instance.ts';
import { forbiddenError } from '../../src/emulator/answer.ts';
import { openSampleEstate } from '../../src/emulator/sample.ts';
import type { SampleEstate } from '../../src/emulator/sample.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { readBackendHosts } from '../../src/flows/readBackendHosts.ts';
import { readRenegotiations } from '../../src/flows/readRenegotiations.ts';
import { createHttpHeaders } from '@azure/core-rest-pipeline';

/** The action of a request, by the rule of Azure Resource Manager; null for what every account may do. */
function actionOf({ method, url }: { readonly method: string; readonly url: string }): string | null {
  const { pathname } = new URL(url);
  if (pathname === '/tenants') return null;
  if (/^\/v1\/workspaces\/[^/]+\/query$/.test(pathname)) return 'Microsoft.OperationalInsights/workspaces/query/read';
  if (pathname === '/subscriptions') return 'Microsoft.Resources/subscriptions/read';
  const [namespace = '', ...rest] = (pathname.split('/providers/').at(-1) ?? '').split('/');
  const types = rest.filter((_, index) => index % 2 === 0).join('/');
  const verb = method === 'GET' || /ResourceGraph/i.test(namespace) ? 'read' : 'write';
  return `${namespace}/${types}/${verb}`;
}

/** The requests in a batch; null where it is none. */
function batchedIn({
  url,
  body,
}: PipelineRequest): readonly { readonly method: string; readonly url: string }[] | null {
  const { origin, pathname } = new URL(url);
  if (!/^\/batch(\/|$)/.test(pathname)) return null;
  const { requests = [] } = JSON.parse(typeof body === 'string' ? body : '{}') as {
    readonly requests?: readonly { readonly httpMethod: string; readonly url: string }[];
  };
  return requests.map((one) => ({ method: one.httpMethod, url: new URL(one.url, origin).href }));
}

/** As where the endpoint is not to be had. */
function noBatch(request: PipelineRequest): PipelineResponse {
  const bodyAsText = JSON.stringify({ error: { code: 'NotFound', message: 'There is no such endpoint.' } });
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  return { request, status: 404, headers, bodyAsText };
}

interface Scene {
  readonly azure: ConnectedAzure;
  readonly actions: Set<string>;
  /** Actions that Azure refuses from now on. */
  readonly refused: Set<string>;
}

const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');

interface Role {
  readonly Name: string;
  readonly IsCustom: boolean;
  readonly Actions: readonly string[];
  readonly AssignableScopes: readonly string[];
}
const roles = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text) as Role);

describe('permissions', () => {
  let sample: SampleEstate;
  let scene: Scene;
  let instances: readonly Instance[];

  beforeEach(async () => {
    sample = await openSampleEstate({ store: memoryStore(), changeMs: 0, retryAfterSeconds: 0, listeners: false });
    scene = openScene(sample.httpClient);
    ({ instances } = await scene.azure.readEstate());
  });
  afterEach(() => sample.close());

  function openScene(over: HttpClient): Scene {
    const [actions, refused] = [new Set<string>(), new Set<string>()];
    const httpClient: HttpClient = {
      sendRequest: async (request) => {
        const inBatch = batchedIn(request);
        if (inBatch !== null) {
          for (const one of inBatch) actions.add(actionOf(one) ?? '');
          // A batch of which a part is refused is answered as a whole by no one: the single requests are.
          if (inBatch.some((one) => refused.has(actionOf(one) ?? ''))) return noBatch(request);
          return over.sendRequest(request);
        }
        const action = actionOf(request);
        if (action !== null) actions.add(action);
        if (action === null || !refused.has(action)) return over.sendRequest(request);
        const { status, headers, body } = forbiddenError(action, new URL(request.url).pathname);
        return { request, status, headers: createHttpHeaders(headers), bodyAsText: body };
      },
    };
    const azure = connectAzure({
      cloud: clouds.public,
      accountLabel: 'somebody',
      httpClient,
      credentialFor: (tenantId) => ({
        getToken: () =>
          Promise.resolve({ token: `sample:${tenantId ?? ''}`, expiresOnTimestamp: Date.now() + 3_600_000 }),
      }),
      pollIntervalMs: 0,
    });
    return { azure, actions, refused };
  }

  const named = (name: string): Instance => {
    const found = instances.find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  };
  const prod = () => named('contoso-shop-prod');

  it('of everything that is asked of Azure are on the page and in the roles', async () => {
    const { azure, actions } = scene;
    const reading = await azure.readEstate();
    for (const gateway of reading.gateways) await azure.readGatewayConnections(gateway.id);
    for (const instance of instances) {
      await azure.readInstance(instance.id);
      await azure.readSelfHosted(instance.id);
      await readBackendHosts(azure, instance.id);
      await readRenegotiations(azure, instance, { days: 30 });
      await azure.readPolicies(instance.id);
    }
    const api = (await azure.readApis(prod().id))[0];
    if (api) await azure.readOperations(api.id);
    await azure.readActivity(prod().id, { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' });
    const reads = [...actions];
    const start = await azure.beginUpdate(prod().id, { ...prod().customProperties, 'Microsoft.X': 'True' });
    if (start.kind === 'running') await azure.followUpdate(prod().id, start.resume);

    const [reader, operator] = roles as [Role, Role];
    assert.ok(actions.size >= 12, [...actions].join(', '));
    for (const action of actions) {
      assert.ok(page.includes(`\`${action}\``), `${action} is not on the page`);
      assert.ok(operator.Actions.includes(action), `${action} is not in the role for operators`);
    }
    for (const action of reads) assert.ok(reader.Actions.includes(action), `${action} is not in the role for reading`);
  });

  it('of the two roles differ in what saving takes, and allow nothing else', () => {
    assert.deepEqual(
      roles.map(({ Name, IsCustom }) => [Name, IsCustom]),
      [
        ['API Management TLS Reader', true],
        ['API Management TLS Operator', true],
      ],
    );
    const [reader, operator] = roles as [Role, Role];
    assert.ok(reader.Actions.every((action) => action.endsWith('/read')));
    assert.deepEqual(
      operator.Actions.filter((action) => !reader.Actions.includes(action)),
      ['Microsoft.ApiManagement/service/write', 'Microsoft.ApiManagement/service/operationresults/read'],
    );
    for (const { Actions } of roles) for (const action of Actions) assert.ok(!action.includes('*'), action);
    for (const { Actions } of roles)
      for (const action of Actions)
        assert.ok(page.includes(`\`${action}\``) || action.endsWith('AzureDiagnostics/read'), action);
  });

  it('to list backends that are missing leave the hosts of APIs, and the other way round', async () => {
    const all = await readBackendHosts(scene.azure, prod().id);
    for (const [kind, other, name] of [
      ['backends', 'api', 'all backend entities'],
      ['apis', 'backend', 'the service addresses of all APIs'],
    ] as const) {
      const action = `Microsoft.ApiManagement/service/${kind}/read`;
      scene.refused.clear();
      scene.refused.add(action);
      const { hosts, unreadable } = await readBackendHosts(scene.azure, prod().id);
      assert.ok(hosts.length > 0 && hosts.length < all.hosts.length, `${hosts.length} of ${all.hosts.length}`);
      assert.ok(hosts.some(({ usedBy }) => usedBy.some((use) => use.kind === other)));
      const said = unreadable.filter(({ url }) => url === '').map(({ title }) => title);
      assert.deepEqual(said, [`${name} (your roles lack the action ${action})`]);
    }
  });

  it('to list both that are missing are told by the one that is named', async () => {
    scene.refused.add('Microsoft.ApiManagement/service/backends/read');
    scene.refused.add('Microsoft.ApiManagement/service/apis/read');
    await assert.rejects(readBackendHosts(scene.azure, prod().id), (error: unknown) => {
      assert.match(
        failureSentence(failureDetails(error)),
        /lack the action Microsoft\.ApiManagement\/service\/backends\/read/,
      );
      return true;
    });
  });

  it('to read policies that are missing are named by the estimate', async () => {
    scene.refused.add('Microsoft.ApiManagement/service/allPolicies/read');
    scene.refused.add('Microsoft.ApiManagement/service/apis/policies/read');
    const { sources } = await readRenegotiations(scene.azure, named('contoso-b2b'), { days: 30 });
    const lines = sources.flatMap(sourceLine).map(({ text }) => text);
    const about = (action: string) => lines.filter((line) => line.includes(`lack the action ${action}`));
    assert.equal(about('Microsoft.ApiManagement/service/allPolicies/read').length, 1, lines.join('\n'));
    assert.equal(about('Microsoft.ApiManagement/service/apis/policies/read').length, 1, lines.join('\n'));
  });

  it('for Resource Graph that are missing leave every instance in sight', async () => {
    scene.refused.add('Microsoft.ResourceGraph/resources/read');
    const reading = await scene.azure.readEstate();
    assert.deepEqual(reading.instances.map(({ id }) => id).sort(), instances.map(({ id }) => id).sort());
  });

  const single: readonly [string, (azure: ConnectedAzure, instance: Instance) => Promise<unknown>][] = [
    ['Microsoft.ApiManagement/service/read', (azure, { id }) => azure.readInstance(id)],
    ['Microsoft.ApiManagement/service/gateways/read', (azure, { id }) => azure.readSelfHosted(id)],
    ['Microsoft.ApiManagement/service/write', (azure, { id }) => azure.beginUpdate(id, { 'Microsoft.X': 'True' })],
  ];
  for (const [action, work] of single) {
    it(`lack ${action}: the sentence names it, and the backends are still read`, async () => {
      scene.refused.add(action);
      await assert.rejects(work(scene.azure, prod()), (error: unknown) => {
        const details = failureDetails(error);
        assert.equal(details.action, action);
        assert.ok(failureSentence(details).includes(action));
        return true;
      });
      assert.ok((await readBackendHosts(scene.azure, prod().id)).hosts.length > 0);
    });
  }
});
