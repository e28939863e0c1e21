// Microsoft's examples of the operations that the product uses, fed to its readers: none may throw or lose what is shown.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { Azure } from '../../src/azure/access.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import { isRecord, recordOf } from './description.ts';
import type { Described, Descriptions, Json } from './description.ts';
import { readers } from './readers.ts';

interface Example {
  readonly name: string;
  readonly parameters: Json;
  readonly body: Json;
}

export interface ExampleResult {
  readonly read: number;
  readonly failures: readonly string[];
}

/** `used`: operations as `METHOD template`. Each of them that has an example needs a reader. */
export async function checkExamples(descriptions: Descriptions, used: ReadonlySet<string>): Promise<ExampleResult> {
  const failures: string[] = [];
  let read = 0;
  for (const described of newest(descriptions.operations, used)) {
    const operation = `${described.method} ${described.template}`;
    const reader = readers.find(({ suffix }) => operation.endsWith(suffix));
    for (const example of examplesOf(described)) {
      if (reader === undefined) {
        failures.push(`${operation} has the example ${example.name} and no reader here`);
        continue;
      }
      read += 1;
      const azure = openOver(described, example);
      const lost = await reader
        .read(azure, example.parameters, example.body)
        .catch((error: unknown) => [String(error)]);
      failures.push(...lost.map((text) => `example ${example.name}: ${text}`));
    }
  }
  return { read, failures };
}

/** An operation may be described in several versions: the one with examples is looked at. */
function newest(operations: readonly Described[], used: ReadonlySet<string>): readonly Described[] {
  return operations.filter((one) => used.has(`${one.method} ${one.template}`) && examplesOf(one).length > 0);
}

function examplesOf({ operation }: Described): readonly Example[] {
  return Object.entries(recordOf(operation.node['x-ms-examples'])).flatMap(([name, reference]) => {
    const file = path.resolve(path.dirname(operation.file), String(recordOf(reference)['$ref']));
    const example = readExample(file);
    const body = recordOf(recordOf(example['responses'])['200'])['body'];
    return isRecord(body) ? [{ name, parameters: recordOf(example['parameters']), body }] : [];
  });
}

function readExample(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch {
    return {};
  }
}

/** An Azure that answers this one operation with the example, and knows its one subscription. */
function openOver(described: Described, { parameters, body }: Example): Azure {
  const { subscriptionId = '11111111-1111-4111-8111-111111111111' } = parameters;
  const { nextLink } = body;
  const answerTo = (method: string, { pathname, search }: URL): unknown => {
    // The page that an example names after itself is the last one.
    const isNext = typeof nextLink === 'string' && URL.canParse(nextLink) && new URL(nextLink).search === search;
    if (method === described.method && described.match.test(pathname)) return isNext ? { value: [] } : body;
    if (pathname === '/tenants') return { value: [{ id: '/tenants/t', tenantId: 't', displayName: 'T' }] };
    if (pathname === '/subscriptions') return { value: [{ subscriptionId, displayName: 'S', tenantId: 't' }] };
    // What an example hangs on: the gateway whose host names it lists.
    if (/\/service\/[^/]+\/gateways$/i.test(pathname))
      return { value: [{ id: `${pathname}/${String(parameters['gatewayId'])}` }] };
    return /\/(hostnameConfigurations|gateways|service|apis|allPolicies)$/i.test(pathname) ? { value: [] } : undefined;
  };
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      const answer = answerTo(request.method, new URL(request.url));
      return Promise.resolve({
        request,
        status: answer === undefined ? 404 : 200,
        headers: createHttpHeaders({ 'content-type': 'application/json' }),
        bodyAsText: JSON.stringify(answer ?? { error: { code: 'ResourceNotFound', message: 'Not in the example.' } }),
      });
    },
  };
  const getToken = () => Promise.resolve({ token: 'any', expiresOnTimestamp: Date.now() + 3_600_000 });
  return connectAzure({
    cloud: clouds.public,
    accountLabel: 'somebody',
    credentialFor: () => ({ getToken }),
    httpClient,
    retry: { maxRetries: 0 },
  });
}
