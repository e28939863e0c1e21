import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readDescriptions } from '../contract/description.ts';
import type { Descriptions } from '../contract/description.ts';
import { addressesIn, problemsWith, undescribedKeys } from '../contract/exchange.ts';
import type { Exchange } from '../contract/exchange.ts';
import { recordTraffic } from '../contract/traffic.ts';

const version = { name: 'api-version', in: 'query', required: true, type: 'string' };

/** An interface of one thing, in two files. */
const thing = {
  swagger: '2.0',
  info: { version: '2024-05-01' },
  paths: {
    '/things/{name}': {
      patch: {
        parameters: [
          { name: 'name', in: 'path', required: true, type: 'string', pattern: '^[a-z]+$' },
          { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Thing' } },
          version,
        ],
        responses: {
          200: { schema: { $ref: '#/definitions/Thing' } },
          202: {},
          default: { schema: { $ref: './common.json#/definitions/Problem' } },
        },
      },
    },
  },
  definitions: {
    Thing: {
      allOf: [{ $ref: './common.json#/definitions/Base' }],
      properties: { properties: { $ref: '#/definitions/Inside' } },
    },
    Inside: {
      required: ['size'],
      properties: {
        size: { type: 'integer', format: 'int32' },
        state: { type: 'string', readOnly: true },
        colour: { type: 'string', enum: ['red', 'green'] },
        customProperties: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Set `A.B` or `X.Ciphers.[name]`: TLS_ONE. Note: these cannot be changed: TLS_TWO.',
        },
      },
    },
  },
};
const common = {
  definitions: {
    Base: { properties: { tags: { type: 'object', additionalProperties: { type: 'string' } } } },
    Problem: { required: ['error'], properties: { error: { properties: { code: { type: 'string' } } } } },
  },
};

describe('contract: a request and its answer against their description', () => {
  let folder: string;
  let descriptions: Descriptions;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-contract-'));
    writeFileSync(path.join(folder, 'thing.json'), JSON.stringify(thing));
    writeFileSync(path.join(folder, 'common.json'), JSON.stringify(common));
    descriptions = readDescriptions(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const good: Exchange = {
    method: 'PATCH',
    url: 'https://arm.example/Things/one?api-version=2024-05-01',
    requestHeaders: { authorization: 'Bearer x', 'content-type': 'application/json' },
    requestBody: JSON.stringify({ properties: { size: 1 }, tags: { a: 'b' } }),
    status: 200,
    headers: {},
    body: JSON.stringify({ properties: { size: 1, state: 'new', colour: null }, tags: null }),
  };
  const told = (changes: Partial<Exchange>, given: readonly string[] = []) =>
    problemsWith({ ...good, ...changes }, descriptions, new Set(given)).problems.map(
      ({ side, text }) => `${side}: ${text}`,
    );
  const sent = (properties: object, more: object = {}) => ({ requestBody: JSON.stringify({ properties, ...more }) });
  const answered = (properties: object) => ({ body: JSON.stringify({ properties }) });

  it('finds nothing where everything is as described', () => {
    assert.deepEqual(told({}), []);
    assert.deepEqual(told({ status: 202, body: '' }), []);
    assert.deepEqual(told({ status: 409, body: '{"error":{"code":"Locked"}}' }), []);
  });

  it('finds what is wrong with a request', () => {
    const cases: readonly (readonly [Partial<Exchange>, string])[] = [
      [{ url: 'https://arm.example/things/one' }, 'request: not described for api-version '],
      [
        { url: 'https://arm.example/others/one?api-version=2024-05-01' },
        'request: not described for api-version 2024-05-01',
      ],
      [{ method: 'PUT' }, 'request: not described for api-version 2024-05-01'],
      [{ url: `${good.url}&more=1` }, 'request: query parameter more is not described'],
      [{ url: good.url.replace('one', 'on1') }, 'request: path parameter name must match pattern "^[a-z]+$"'],
      [{ requestHeaders: { 'content-type': 'application/json' } }, 'request: there is no bearer token'],
      [{ requestHeaders: { authorization: 'Bearer x' } }, 'request: the body is not sent as JSON'],
      [{ requestBody: undefined }, 'request: the body is missing'],
      [sent({ size: '1' }), 'request: /properties/size must be integer'],
      [sent({ size: null }), 'request: /properties/size must be integer'],
      [sent({}), "request: /properties must have required property 'size'"],
      [sent({ size: 1, state: 'new' }), 'request: /properties must NOT have additional properties: state'],
      [sent({ size: 1, colour: 'blue' }), 'request: /properties/colour must be equal to one of the allowed values'],
      [sent({ size: 1 }, { extra: 1 }), 'request: body must NOT have additional properties: extra'],
    ];
    for (const [changes, text] of cases) assert.deepEqual(told(changes), [text]);
    assert.deepEqual(told({ url: `${good.url}&more=1` }, [`${good.url}&more=1`]), [], 'named by the service itself');
  });

  it('finds what is wrong with an answer', () => {
    const cases: readonly (readonly [Partial<Exchange>, string])[] = [
      [answered({ size: 'big' }), 'answer: status 200: /properties/size must be integer'],
      [answered({ size: null }), 'answer: status 200: /properties/size must be integer'],
      [answered({ size: 1, new: 1 }), 'answer: status 200: /properties must NOT have additional properties: new'],
      [{ body: '<html>' }, 'answer: status 200 has no JSON'],
      [{ status: 204, body: '' }, 'answer: status 204 is not described'],
      [{ status: 202 }, 'answer: status 202 has a body that is not described'],
      [{ status: 400, body: '{}' }, "answer: status 400: body must have required property 'error'"],
    ];
    for (const [changes, text] of cases) assert.deepEqual(told(changes), [text]);
  });

  it('finds keys of the map that the prose does not name, or names as fixed', () => {
    const [described] = descriptions.operations;
    assert.ok(described);
    const keys = ['A.B', 'A.BC', 'X.Ciphers.TLS_ONE', 'X.Ciphers.TLS_TWO'];
    const customProperties = Object.fromEntries(keys.map((key) => [key, 'true']));
    const exchange = { ...good, ...sent({ size: 1, customProperties }) };
    assert.deepEqual(undescribedKeys(exchange, descriptions, described), ['A.BC', 'X.Ciphers.TLS_TWO']);
  });

  it('takes the addresses that the service names', () => {
    const body = JSON.stringify({ value: [], nextLink: 'https://arm.example/next' });
    const headers = { location: 'https://arm.example/poll' };
    assert.deepEqual(addressesIn({ ...good, headers, body }), ['https://arm.example/poll', 'https://arm.example/next']);
  });

  it('hears everything that the product can ask', async () => {
    const { exchanges, failure, unused } = await recordTraffic();
    assert.deepEqual([failure, unused], [null, []]);
    const kinds = new Set(exchanges.map(({ method, status }) => `${method} ${status}`));
    for (const kind of ['GET 200', 'POST 200', 'PATCH 202', 'PATCH 200', 'GET 202', 'PATCH 409', 'GET 403', 'GET 429'])
      assert.ok(kinds.has(kind), kind);
  });
});
