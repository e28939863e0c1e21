// One request with its answer, held against the description of its operation.

import { isRecord, listOf, problemsOf, recordOf } from './description.ts';
import type { Described, Descriptions, Json, Located } from './description.ts';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Problem {
  /** Method and path as described, or as sent where no description fits. */
  readonly operation: string;
  readonly side: 'request' | 'answer';
  readonly text: string;
}

/** `given`: addresses that the service has named itself (next page, running operation); they are taken as they are. */
export function problemsWith(
  exchange: Exchange,
  descriptions: Descriptions,
  given: ReadonlySet<string>,
): { readonly operation: string; readonly problems: readonly Problem[] } {
  const url = new URL(exchange.url);
  const version = url.searchParams.get('api-version') ?? '';
  const described = descriptions.find(exchange.method, url.pathname, version);
  if (described === undefined) {
    const operation = `${exchange.method} ${generalised(url.pathname)}`;
    return { operation, problems: [{ operation, side: 'request', text: `not described for api-version ${version}` }] };
  }
  const operation = `${exchange.method} ${described.template}`;
  const named = (side: Problem['side']) => (text: string) => ({ operation, side, text });
  const request = [
    ...parameterProblems(described, exchange, url, given.has(exchange.url), descriptions),
    ...requestBodyProblems(described, exchange, descriptions),
  ];
  return {
    operation,
    problems: [
      ...request.map(named('request')),
      ...answerProblems(described, exchange, descriptions).map(named('answer')),
    ],
  };
}

/** Ids and names out of a path, so that one operation is one line. */
function generalised(pathname: string): string {
  return pathname.replaceAll(
    /\/(subscriptions|resourceGroups|service|apis|operations|operationresults)\/[^/]+/gi,
    '/$1/{}',
  );
}

function parameterProblems(
  described: Described,
  { requestHeaders }: Exchange,
  url: URL,
  isGiven: boolean,
  descriptions: Descriptions,
): readonly string[] {
  const inPath = described.match.exec(url.pathname)?.groups ?? {};
  const known = new Set<string>();
  /** A parameter is described in a file that is not in the folder: it may be any. */
  let unnamed = false;
  const problems: string[] = [];
  for (const parameter of described.parameters()) {
    const { name, in: place, required } = parameter.node as { name?: string; in: string; required?: boolean };
    if (name === undefined) unnamed = true;
    if (name === undefined || place === 'body') continue;
    if (place === 'query') known.add(name);
    const value =
      place === 'path'
        ? decodeURIComponent(inPath[name] ?? '')
        : place === 'query'
          ? (url.searchParams.get(name) ?? undefined)
          : requestHeaders[name.toLowerCase()];
    if (value === undefined && required === true) problems.push(`${place} parameter ${name} is missing`);
    if (value !== undefined) {
      const found = valueProblems(parameter, value, descriptions);
      problems.push(...found.map((text) => `${place} parameter ${name} ${text.replace(/^body /, '')}`));
    }
  }
  const surplus = [...url.searchParams.keys()].filter((name) => !known.has(name) && !isGiven && !unnamed);
  problems.push(...surplus.map((name) => `query parameter ${name} is not described`));
  if (!/^Bearer \S+$/.test(requestHeaders['authorization'] ?? '')) problems.push('there is no bearer token');
  return problems;
}

function valueProblems(parameter: Located, value: string, descriptions: Descriptions): readonly string[] {
  const number = parameter.node['type'] === 'integer' || parameter.node['type'] === 'number';
  // In a parameter, required is no list of properties.
  const schema = Object.fromEntries(Object.entries(parameter.node).filter(([name]) => name !== 'required'));
  const validate = descriptions.validator({ file: parameter.file, node: schema }, 'sent');
  return validate(number ? Number(value) : value) ? [] : problemsOf(validate.errors);
}

function requestBodyProblems(
  { parameters }: Described,
  { requestBody, requestHeaders }: Exchange,
  descriptions: Descriptions,
): readonly string[] {
  const parameter = parameters().find(({ node }) => node['in'] === 'body');
  if (parameter === undefined) return requestBody === undefined ? [] : ['a body is not described'];
  if (requestBody === undefined) return parameter.node['required'] === true ? ['the body is missing'] : [];
  const type = /^application\/json\b/.test(requestHeaders['content-type'] ?? '')
    ? []
    : ['the body is not sent as JSON'];
  const schema = { file: parameter.file, node: recordOf(parameter.node['schema']) };
  const validate = descriptions.validator(schema, 'sent');
  return [...type, ...(validate(JSON.parse(requestBody)) ? [] : problemsOf(validate.errors))];
}

function answerProblems(
  { operation }: Described,
  { status, body }: Exchange,
  descriptions: Descriptions,
): readonly string[] {
  const responses = recordOf(operation.node['responses']);
  const described = responses[String(status)] ?? (status >= 400 ? responses['default'] : undefined);
  if (!isRecord(described)) return [`status ${status} is not described`];
  const { file, node } = descriptions.follow({ file: operation.file, node: described });
  const schema = node['schema'];
  if (!isRecord(schema)) return body === '' ? [] : [`status ${status} has a body that is not described`];
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [`status ${status} has no JSON`];
  }
  const validate = descriptions.validator({ file, node: schema }, 'given');
  return validate(value) ? [] : problemsOf(validate.errors).map((text) => `status ${status}: ${text}`);
}

/** Addresses that an answer names for what comes next. */
export function addressesIn({ headers, body }: Exchange): readonly string[] {
  const next = body.startsWith('{') ? (JSON.parse(body) as Json)['nextLink'] : undefined;
  return [headers['location'], headers['azure-asyncoperation'], next].filter((text) => typeof text === 'string');
}

/** Keys of the map that are sent and that the prose of its description does not name. */
export function undescribedKeys(
  exchange: Exchange,
  descriptions: Descriptions,
  described: Described,
): readonly string[] {
  const parameter = described.parameters().find(({ node }) => node['in'] === 'body');
  if (parameter === undefined || exchange.requestBody === undefined) return [];
  const prose = proseOf(parameter, descriptions);
  const properties = recordOf((JSON.parse(exchange.requestBody) as Json)['properties']);
  return Object.keys(recordOf(properties['customProperties'])).filter((key) => {
    const suite = /\.Ciphers\.(TLS_\w+)$/.exec(key)?.[1];
    // Suites are named by themselves, up to the note on those that cannot be changed.
    return suite === undefined
      ? !new RegExp(`${key.replaceAll('.', '\\.')}\\b`).test(prose)
      : !new RegExp(`\\b${suite}\\b`).test(prose.split('Note:')[0] ?? '');
  });
}

function proseOf(parameter: Located, descriptions: Descriptions): string {
  const seen = new Set<Json>();
  const search = (at: Located): string => {
    const target = descriptions.follow(at);
    if (seen.has(target.node)) return '';
    seen.add(target.node);
    const inside = [...Object.entries(recordOf(target.node['properties'])), ['schema', target.node['schema']] as const];
    const own = inside.map(([name, node]) => {
      if (!isRecord(node)) return '';
      return name === 'customProperties' ? String(node['description']) : search({ file: target.file, node });
    });
    const parents = listOf(target.node['allOf'])
      .filter(isRecord)
      .map((node) => search({ file: target.file, node }));
    return [...own, ...parents].join(' ');
  };
  return search(parameter);
}
