// A region of the sample estate that follows a change later than the others, told by its real TLS server.

import assert from 'node:assert/strict';
import { connectAzure } from '../../../src/azure/connect.ts';
import { clouds } from '../../../src/azure/clouds.ts';
import { gatewayNames } from '../../../src/core/gatewayNames.ts';
import type { Instance } from '../../../src/core/instance.ts';
import { mapForDraft } from '../../../src/core/tls/draft.ts';
import { expectations, hostSeen } from '../../../src/core/tls/verification.ts';
import { sampleToken } from '../../../src/emulator/account.ts';
import { openSampleEstate } from '../../../src/emulator/sample.ts';
import type { SampleEstate } from '../../../src/emulator/sample.ts';
import { memoryStore } from '../../../src/emulator/state.ts';
import { surveyEveryAddress } from '../../../src/probe/survey.ts';
import { changeMs, production } from './sdk.ts';

const id = `/subscriptions/${production}/resourceGroups/rg-global/providers/Microsoft.ApiManagement/service/contoso-global`;

describe('a region that lags', function () {
  this.timeout(60_000);
  const clock = { now: Date.now() };
  let sample: SampleEstate;
  before(async () => {
    sample = await openSampleEstate({ store: memoryStore(), changeMs, retryAfterSeconds: 0, now: () => clock.now });
  });
  after(() => sample.close());

  it('takes TLS 1.1 for some seconds longer, and follows then', async () => {
    const azure = connectAzure({
      cloud: clouds.public,
      accountLabel: 'somebody',
      httpClient: sample.httpClient,
      credentialFor: (tenant) => ({
        getToken: () =>
          Promise.resolve({ token: sampleToken(tenant ?? ''), expiresOnTimestamp: Date.now() + 3_600_000 }),
      }),
    });
    const before = await azure.readInstance(id);
    await azure.beginUpdate(id, mapForDraft(before, { 'client.tls11': 'off' }) ?? {});
    clock.now += changeMs + 1000;
    const after = await azure.readInstance(id);
    const expected = expectations(after, before.customProperties ?? {}, after.customProperties ?? {});
    assert.deepEqual(expected, [{ id: 'client.tls11', accepted: false }]);
    const states = async (instance: Instance) => {
      const options = { route: sample.route, extraRoots: [sample.caPem], depth: 'versions' } as const;
      const seen = await Promise.all(
        gatewayNames(instance).map(async (name) =>
          hostSeen(name, expected, await surveyEveryAddress({ host: name.host, port: 443 }, options)),
        ),
      );
      return Object.fromEntries(seen.map(({ region, state }) => [region ?? 'any', state]));
    };
    const others = { any: 'confirmed', westeurope: 'confirmed', eastus2: 'confirmed' };
    assert.deepEqual(await states(after), { ...others, southeastasia: 'stillOld' });
    clock.now += 4000;
    assert.deepEqual(await states(after), { ...others, southeastasia: 'confirmed' });
  });
});
