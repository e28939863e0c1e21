// The paths by which operations call backends, as far as policies let them be known.

import type { Azure, BackendEntity, OperationEntity } from '../azure/access.ts';
import { backendRequests } from '../core/backendRequests.ts';
import type { BackendRequests, RequestPath, RequestTarget, RequestWay } from '../core/backendRequests.ts';
import { hostAndPort } from '../core/instance.ts';
import type { ProbePath, UnknownPath } from '../core/tls/paths.ts';
import { addressesOf } from './backendEntities.ts';
import { parseBackendUrl } from './backendUrl.ts';
import type { BackendReading } from './readBackendHosts.ts';

/** Of one host. */
export interface OperationPaths {
  readonly paths: ProbePath[];
  readonly unknown: UnknownPath[];
}

/** Operations of so many APIs are read at most, to spare Azure; logs tell of the busy ones anyhow. */
const mostApis = 100;

/**
 * Of the GET operations that call one of the hosts, by `hostAndPort`. An API whose operations cannot be read has none
 * here. Each address that some request may go to counts.
 */
export async function readOperationPaths(
  azure: Azure,
  instanceId: string,
  { apis, backends, policies }: BackendReading,
  hosts: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, OperationPaths>> {
  const requests = backendRequests(policies);
  const placesOf = (serviceUrl: string | null, ways: readonly RequestWay[]) =>
    ways.map((way) => ({ way, urls: urlsOf(way, serviceUrl, backends ?? []).filter((url) => hosts.has(hostOf(url))) }));
  const calling = apis
    .filter(({ name, serviceUrl }) =>
      placesOf(serviceUrl, everyWay(requests, name)).some(({ urls }) => urls.length > 0),
    )
    .slice(0, mostApis);
  if (calling.length === 0) return new Map();
  const names = calling.map(({ name }) => name);
  const operations = await azure.readOperationsOf(instanceId, names, signal ? { signal } : {});
  const found = new Map<string, OperationPaths>();
  for (const { name, title, serviceUrl } of calling)
    for (const operation of (operations.get(name) ?? []).filter(({ method }) => method.toUpperCase() === 'GET'))
      for (const { way, urls } of placesOf(serviceUrl, requests.waysOf(name, operation.name)))
        for (const url of urls) note(found, url, `${title} › GET ${operation.urlTemplate}`, operation, way.path);
  return found;
}

function everyWay(requests: BackendRequests, api: string): RequestWay[] {
  return [null, ...requests.apart(api)].flatMap((operation) => requests.waysOf(api, operation));
}

function urlsOf({ targets }: RequestWay, serviceUrl: string | null, backends: readonly BackendEntity[]): string[] {
  return targets.flatMap((target) => addresses(target, serviceUrl, backends));
}

function addresses(target: RequestTarget, serviceUrl: string | null, backends: readonly BackendEntity[]): string[] {
  if ('text' in target) return target.kind === 'url' ? [target.text] : addressesOf(target.text, backends);
  return target.kind === 'service' && serviceUrl !== null ? [serviceUrl] : [];
}

function hostOf(url: string): string {
  const address = parseBackendUrl(url);
  return address === null ? '' : hostAndPort(address);
}

function note(
  found: Map<string, OperationPaths>,
  url: string,
  title: string,
  { urlTemplate }: OperationEntity,
  path: RequestPath,
): void {
  const key = hostOf(url);
  const own = found.get(key) ?? { paths: [], unknown: [] };
  found.set(key, own);
  if (path.kind !== 'unknown') own.paths.push(requestedPath(url, urlTemplate, path));
  else if (!own.unknown.some((one) => one.title === title)) own.unknown.push({ title, why: path.why });
}

/**
 * What the gateway requests: the path of the backend's address, and the template of the operation or what a policy rewrites
 * it to. It is cut before the first parameter or wildcard, as no value can be made up that is sure to do no harm; servers
 * that ask for certificates by location do so by the start of the path.
 */
export function requestedPath(
  url: string,
  urlTemplate: string,
  path: Exclude<RequestPath, { kind: 'unknown' }>,
): ProbePath {
  const base = (URL.parse(url)?.pathname ?? '/').replace(/\/+$/, '');
  const template = (path.kind === 'own' ? urlTemplate : path.template).replace(/[?#].*$/s, '');
  const fixed = /^[^{*]*/.exec(template)?.[0] ?? '';
  const whole = fixed.length === template.length;
  // Half a segment is no path: "/items({id})" becomes "/".
  const kept = whole ? fixed : fixed.replace(/[^/]*$/, '');
  const own = path.kind === 'own';
  return {
    path: `${base}${kept.startsWith('/') ? '' : '/'}${kept}`,
    source: whole ? (own ? 'operation' : 'rewritten') : own ? 'cut' : 'rewrittenCut',
  };
}
