// Several accounts at once, in tenants that they share and tenants of their own; and a part of them that was chosen.

import assert from 'node:assert/strict';
import type { ConnectOptions } from '../../../src/azure/connect.ts';
import type { Chosen } from '../../../src/azure/connection.ts';
import { readVia, viaText } from '../../../src/azure/via.ts';
import { ArmError, failureCode } from '../../../src/core/failure.ts';
import { scripted, service } from './scriptedAzure.ts';
import type { Asked, Reply } from './scriptedAzure.ts';

const [shared, other] = ['10000000-0000-4000-8000-000000000000', '20000000-0000-4000-8000-000000000000'] as const;
const ids = { a: 'aaaaaaaa-0000-4000-8000-000000000000', b: 'bbbbbbbb-0000-4000-8000-000000000000' };
const inOther = 'cccccccc-0000-4000-8000-000000000000';

/** Account -> its tenants -> what it sees there. */
const world: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  anna: { [shared]: [ids.a] },
  bert: { [shared]: [ids.b], [other]: [inOther] },
};

function answer({ path, token, body }: Asked): Reply {
  const [account = '', tenant = ''] = token.replace('Bearer ', '').split('@');
  const tenants = world[account] ?? {};
  if (path === '/tenants')
    return {
      body: { value: Object.keys(tenants).map((tenantId) => ({ tenantId, displayName: `Tenant ${tenantId[0]}` })) },
    };
  const seen = tenants[tenant] ?? [];
  if (path === '/subscriptions')
    return { body: { value: seen.map((id) => ({ subscriptionId: id, displayName: id, tenantId: tenant })) } };
  if (path.endsWith('/resources')) {
    const wanted = (body as { subscriptions?: string[] } | undefined)?.subscriptions ?? [];
    const data = /microsoft.apimanagement\/service/i.test(JSON.stringify(body)) ? wanted.map(row) : [];
    return { body: { totalRecords: data.length, count: data.length, resultTruncated: 'false', data } };
  }
  const id = /^\/subscriptions\/([^/]+)/.exec(path)?.[1] ?? '';
  if (!seen.includes(id))
    return { status: 401, body: { error: { code: 'InvalidAuthenticationTokenTenant', message: 'No.' } } };
  return { body: path.includes('/service/') ? row(id) : { value: [] } };
}

const idOf = (subscription: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/s-${subscription[0]}`;
const row = (subscription: string) => ({
  ...service({}),
  id: idOf(subscription),
  name: `s-${subscription[0]}`,
  resourceGroup: 'rg',
  subscriptionId: subscription,
});

function connect(options: Partial<ConnectOptions> & { readonly failing?: readonly string[] } = {}) {
  const accounts = ['anna', 'bert'];
  const { failing = [], ...rest } = options;
  return scripted(answer, {
    ownDirectory: true,
    accounts,
    credentialFor: (tenantId, index) => ({
      getToken: () =>
        failing.includes(accounts[index] ?? '') || failing.includes(`${accounts[index]}@${tenantId}`)
          ? Promise.reject(new ArmError({ code: 'interactionNeeded', serviceMessage: 'Sign in again.' }))
          : Promise.resolve({
              token: `${accounts[index]}@${tenantId ?? ''}`,
              expiresOnTimestamp: Date.now() + 3_600_000,
            }),
    }),
    ...rest,
  });
}

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort();

describe('several accounts', () => {
  it('show what each of them sees, also in a tenant that they share', async () => {
    const { instances, failures } = await connect().azure.readEstate();
    assert.deepEqual(names(instances), ['s-a', 's-b', 's-c']);
    assert.deepEqual(failures, []);
  });

  it('reach each instance by the account that sees it, also after a restart', async () => {
    const { azure, asked } = connect();
    assert.equal(azure.accountOf(idOf(ids.b)), 'somebody@contoso.example', 'not known yet');
    for (const [id, token] of [
      [ids.b, `Bearer bert@${shared}`],
      [ids.a, `Bearer anna@${shared}`],
      [inOther, `Bearer bert@${other}`],
    ] as const) {
      await azure.readInstance(idOf(id));
      assert.equal(asked.at(-1)?.token, token);
      assert.equal(azure.accountOf(idOf(id)), token.slice('Bearer '.length).replace(/@.*/, ''));
    }
  });

  it('of which one does not answer leave the others in sight, and are one row', async () => {
    const { instances, failures } = await connect({ failing: ['bert'] }).azure.readEstate();
    assert.deepEqual(names(instances), ['s-a']);
    assert.deepEqual(failures, [
      { scope: 'tenant', id: '1/', name: 'bert', code: 'interactionNeeded', message: 'Sign in again.' },
    ]);
  });

  it('have a row each for a tenant that wants a sign-in of both', async () => {
    const { failures } = await connect({ failing: [`anna@${shared}`, `bert@${shared}`] }).azure.readEstate();
    assert.deepEqual(failures.map(({ id, name }) => [id, name]).sort(), [
      [`1/${shared}`, 'Tenant 1 (bert)'],
      [shared, 'Tenant 1 (anna)'],
    ]);
  });

  it('of which none answers are a failure as a whole', async () => {
    const reading = connect({ failing: ['anna', 'bert'] }).azure.readEstate();
    await assert.rejects(reading, (error: unknown) => failureCode(error) === 'interactionNeeded');
  });
});

describe('chosen tenants and subscriptions', () => {
  const choices: readonly [Chosen, readonly string[]][] = [
    [{ tenants: null, subscriptions: null }, ['s-a', 's-b', 's-c']],
    [{ tenants: [other.toUpperCase()], subscriptions: null }, ['s-c']],
    [{ tenants: null, subscriptions: [ids.b, inOther] }, ['s-b', 's-c']],
    [{ tenants: [shared], subscriptions: [ids.b, inOther] }, ['s-b']],
  ];
  for (const [chosen, expected] of choices) {
    it(`${JSON.stringify(chosen)} leave ${expected.join(', ')}`, async () => {
      assert.deepEqual(names((await connect({ chosen }).azure.readEstate()).instances), expected);
    });
  }

  it('are all that a token is asked for', async () => {
    const { azure, asked } = connect({ chosen: { tenants: [other], subscriptions: null } });
    await azure.readEstate();
    assert.deepEqual(
      asked.filter(({ token }) => token.endsWith(shared)),
      [],
    );
  });

  it('do not hide an instance whose change is followed, nor what there is to choose from', async () => {
    const { azure } = connect({ chosen: { tenants: [other], subscriptions: [] } });
    assert.equal((await azure.readInstance(idOf(ids.a))).name, 's-a');
    const { tenants, subscriptions } = await azure.readDirectory();
    assert.deepEqual([tenants.length, subscriptions.length], [3, 3]);
  });
});

describe('account and tenant', () => {
  it('come back from their text', () => {
    for (const account of [0, 1, 12])
      for (const tenantId of [null, shared])
        assert.deepEqual(readVia(viaText({ account, tenantId })), { account, tenantId });
    assert.deepEqual(readVia(null), { account: 0, tenantId: null });
  });
});
