import assert from 'node:assert/strict';
import type { SampleAzure } from '../../../src/emulator/handler.ts';
import { memoryStore } from '../../../src/emulator/state.ts';
import { bodyOf, changeMs, errorOf, keys, mapOf, openBench, path } from './sdk.ts';
import type { Bench } from './sdk.ts';

async function read(bench: Bench, name: string) {
  const { etag, properties } = bodyOf(await bench.call('GET', path(name)));
  return { etag, state: properties.provisioningState, map: properties.customProperties };
}

const patch = (bench: Bench, name: string, map: unknown) =>
  bench.call('PATCH', path(name), { properties: { customProperties: map } });

const pathOf = (location: string | undefined): string => {
  const url = new URL(location ?? '');
  return url.pathname;
};

describe('sample Azure: PATCH of customProperties', () => {
  it('is accepted, seen by nobody until its end, and then in force', async () => {
    const bench = openBench({ retryAfterSeconds: 7 });
    const before = await read(bench, 'contoso-shop-prod');
    const wanted = { ...before.map, ...keys({ 'Security.Protocols.Tls10': 'false' }) };
    const accepted = await patch(bench, 'contoso-shop-prod', wanted);
    assert.deepEqual([accepted.status, accepted.body, accepted.headers['retry-after']], [202, '', '7']);
    const poll = () => bench.call('GET', pathOf(accepted.headers['location']));
    bench.clock.now += changeMs - 1;
    const during = await read(bench, 'contoso-shop-prod');
    assert.equal(during.state, 'Updating');
    assert.deepEqual(during.map, before.map);
    assert.notEqual(during.etag, before.etag);
    const running = await poll();
    assert.deepEqual([running.status, running.body, running.headers['retry-after']], [202, '', '7']);
    assert.equal(running.headers['location'], accepted.headers['location']);
    bench.clock.now += 1;
    const ended = await poll();
    assert.equal(ended.status, 200);
    assert.deepEqual(bodyOf(ended).properties.customProperties, wanted);
    const after = await read(bench, 'contoso-shop-prod');
    assert.deepEqual([after.state, after.map], ['Succeeded', wanted]);
    assert.equal(new Set([before.etag, during.etag, after.etag]).size, 3);
  });

  it('resets every key that the map leaves out, by the date of creation', async () => {
    const bench = openBench();
    for (const [name, tls10] of [
      ['contoso-trust', 'False'],
      ['contoso-legacy', 'True'],
    ] as const) {
      await patch(bench, name, keys({ 'Protocols.Server.Http2': 'true' }));
      bench.clock.now += changeMs;
      assert.deepEqual((await read(bench, name)).map, {
        ...keys({
          'Security.Protocols.Tls10': tls10,
          'Security.Protocols.Tls11': tls10,
          'Security.Protocols.Ssl30': 'False',
          'Security.Ciphers.TripleDes168': tls10,
          'Security.Backend.Protocols.Tls10': tls10,
          'Security.Backend.Protocols.Tls11': tls10,
          'Security.Backend.Protocols.Ssl30': 'False',
          'Protocols.Server.Http2': 'true',
        }),
      });
    }
  });

  it('keeps unknown keys and the case of texts where they are sent', async () => {
    const bench = openBench();
    const { map } = await read(bench, 'contoso-trust');
    const sent = { ...map, ...keys({ 'Security.Protocols.Tls11': 'FaLsE', 'Some.Later.Key': ' ünïcode ' }) };
    await patch(bench, 'contoso-trust', sent);
    bench.clock.now += changeMs;
    assert.deepEqual((await read(bench, 'contoso-trust')).map, sent);
  });

  it('answers a PATCH without effect at once, with the same etag', async () => {
    const bench = openBench();
    const before = await read(bench, 'contoso-shop-prod');
    const same = Object.fromEntries(
      Object.entries(before.map ?? {}).map(([key, text]) => [key.toLowerCase(), text.toLowerCase()]),
    );
    const answer = await patch(bench, 'contoso-shop-prod', same);
    assert.deepEqual([answer.status, bodyOf(answer).etag], [200, before.etag]);
    assert.deepEqual(await read(bench, 'contoso-shop-prod'), before);
    const untouched = await bench.call('PATCH', path('contoso-shop-prod'), { properties: {} });
    assert.deepEqual([untouched.status, bodyOf(untouched).etag], [200, before.etag]);
  });

  it('refuses everything while busy, with the text of the service', async () => {
    const bench = openBench();
    await patch(bench, 'contoso-shop-prod', {});
    for (const name of ['contoso-shop-prod', 'contoso-logistics', 'contoso-next']) {
      const answer = await patch(bench, name, {});
      assert.equal(answer.status, 409);
      assert.deepEqual(errorOf(answer), {
        code: 'ServiceLocked',
        message: `The API Service ${name} is transitioning at this time. Please try the request again later.`,
        details: null,
        innerError: null,
      });
    }
  });

  it('refuses client SSL 3.0 and ciphers in Consumption', async () => {
    const bench = openBench();
    const { map } = await read(bench, 'contoso-events');
    const bad = keys({ 'Security.Protocols.Ssl30': 'false', 'Security.Ciphers.TripleDes168': 'false' });
    const answer = await patch(bench, 'contoso-events', { ...map, ...bad });
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer).code, 'NotSupported');
    assert.equal(
      errorOf(answer).message,
      `'${Object.keys(bad).join(',')}' customProperties are not supported in SkuType Consumption.`,
    );
    assert.equal(
      (await patch(bench, 'contoso-events', { ...map, ...keys({ 'Security.Protocols.Tls10': 'true' }) })).status,
      202,
    );
  });

  it('takes protocols and ignores ciphers in v2', async () => {
    const bench = openBench();
    const { map } = await read(bench, 'contoso-lab');
    const ciphers = keys({ 'Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA': 'false' });
    assert.equal((await patch(bench, 'contoso-lab', { ...map, ...ciphers })).status, 200);
    await patch(bench, 'contoso-lab', { ...map, ...ciphers, ...keys({ 'Security.Protocols.Tls10': 'true' }) });
    bench.clock.now += changeMs;
    assert.deepEqual((await read(bench, 'contoso-lab')).map, {
      ...map,
      ...keys({ 'Security.Protocols.Tls10': 'true' }),
    });
  });

  it('refuses what is no map of texts', async () => {
    const bench = openBench();
    for (const map of [keys({}), 'x', null, [], { key: true }, { key: null }, { key: 1 }].slice(1)) {
      const answer = await patch(bench, 'contoso-hub', map);
      assert.deepEqual([answer.status, errorOf(answer).code], [400, 'ValidationError'], JSON.stringify(map));
    }
    const cut = await bench.azure.handle({
      method: 'PATCH',
      url: `https://management.azure.com${path('contoso-hub')}?api-version=2024-05-01`,
      headers: { authorization: 'Bearer x' },
      body: '{"properties":',
    });
    assert.equal(cut.status, 400);
  });

  it('lets the SDK poll to the end and resume in another client', async () => {
    const bench = openBench({ changeMs: 0 });
    const client = bench.apim();
    const { customProperties } = await client.apiManagementService.get('rg-trust', 'contoso-trust');
    const wanted = { ...customProperties, ...keys({ 'Security.Protocols.Tls11': 'false' }) };
    const poller = await client.apiManagementService.beginUpdate('rg-trust', 'contoso-trust', {
      customProperties: wanted,
    });
    const other = openBench({ store: bench.store });
    const resumed = await other
      .apim()
      .apiManagementService.beginUpdate('rg-trust', 'contoso-trust', {}, { resumeFrom: poller.toString() });
    assert.deepEqual(mapOf(await resumed.pollUntilDone()), wanted);
  });
});

describe('sample Azure: state', () => {
  it('is shared by two windows and survives a reload', async () => {
    const store = memoryStore();
    const [one, two] = [openBench({ store }), openBench({ store })];
    const accepted = await patch(one, 'contoso-shop-prod', {});
    assert.equal((await patch(two, 'contoso-shop-prod', {})).status, 409);
    const later = openBench({ store });
    later.clock.now += changeMs;
    assert.equal((await later.call('GET', pathOf(accepted.headers['location']))).status, 200);
  });

  it('ends the change of somebody else after some time', async () => {
    const bench = openBench();
    assert.equal((await read(bench, 'contoso-logistics')).state, 'Updating');
    bench.clock.now += 6 * changeMs;
    const { state, map } = await read(bench, 'contoso-logistics');
    assert.equal(state, 'Succeeded');
    assert.ok(Object.values(map ?? {}).every((text) => text === 'False'));
    assert.equal((await patch(bench, 'contoso-logistics', keys({ 'Protocols.Server.Http2': 'true' }))).status, 202);
  });

  it('finds the outcome of an earlier operation while the next one runs', async () => {
    const bench = openBench();
    const first = await patch(bench, 'contoso-shop-prod', {});
    bench.clock.now += changeMs;
    await patch(bench, 'contoso-shop-prod', keys({ 'Protocols.Server.Http2': 'true' }));
    assert.equal((await bench.call('GET', pathOf(first.headers['location']))).status, 200);
    assert.equal((await bench.call('GET', `${path('contoso-hub')}/operationresults/none`)).status, 404);
  });

  it('begins anew where the text is cut or garbled, and on reset', async () => {
    const bench = openBench();
    const first = await read(bench, 'contoso-shop-prod');
    const change = async () => {
      await patch(bench, 'contoso-shop-prod', {});
      bench.clock.now += changeMs;
      assert.notDeepEqual(await read(bench, 'contoso-shop-prod'), first);
    };
    const good = async (spoil: (text: string, azure: SampleAzure) => void) => {
      await change();
      spoil(bench.store.read() ?? '', bench.azure);
      assert.deepEqual(await read(bench, 'contoso-shop-prod'), first);
    };
    await good((text) => bench.store.write(text.slice(0, text.length / 2)));
    await good((text) => bench.store.write(text.replace(/"map":\{[^}]*\}/, '"map":{"a":1}')));
    await good((text) => bench.store.write(text.replace('"format":1', '"format":9')));
    await good(() => bench.store.write('null'));
    await good((_, azure) => azure.reset());
  });

  it('does not grow without bound', async () => {
    const bench = openBench();
    for (let index = 0; index < 200; index += 1) {
      await patch(bench, 'contoso-shop-prod', keys({ 'Protocols.Server.Http2': String(index % 2 === 0) }));
      bench.clock.now += changeMs;
    }
    assert.ok((bench.store.read() ?? '').length < 60_000);
  });
});
