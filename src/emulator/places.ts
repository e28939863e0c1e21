// What Azure Resource Manager asks of a request before it looks at its meaning: path, API version, method, JSON.

import { armError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { activityPath } from './activityLog.ts';
import { advisorPath } from './advisor.ts';

/** Versions of Microsoft.ApiManagement that are not retired, from the lists of the REST descriptions and of error texts. */
const serviceVersions: ReadonlySet<string> = new Set([
  '2021-08-01',
  '2021-12-01-preview',
  '2022-04-01-preview',
  '2022-08-01',
  '2022-09-01-preview',
  '2023-03-01-preview',
  '2023-05-01-preview',
  '2023-09-01-preview',
  '2024-05-01',
  '2024-06-01-preview',
  '2024-10-01-preview',
  '2025-03-01-preview',
  '2025-09-01-preview',
]);
const resourcesVersions: ReadonlySet<string> = new Set([
  '2016-06-01',
  '2019-11-01',
  '2020-01-01',
  '2021-01-01',
  '2022-12-01',
]);
/** Seen in public code; the endpoint is in no REST description. */
const batchVersions: ReadonlySet<string> = new Set(['2015-11-01', '2020-06-01', '2022-12-01']);
const graphVersions: ReadonlySet<string> = new Set(['2021-03-01', '2022-10-01', '2024-04-01']);

const activityVersions: ReadonlySet<string> = new Set(['2015-04-01', '2017-03-01-preview']);
const advisorVersions: ReadonlySet<string> = new Set(['2020-01-01', '2022-10-01', '2023-01-01']);
const insightsVersions: ReadonlySet<string> = new Set(['2021-05-01-preview']);
const workspaceVersions: ReadonlySet<string> = new Set([
  '2020-08-01',
  '2021-06-01',
  '2022-10-01',
  '2023-09-01',
  '2025-02-01',
]);

/** What a path takes. type: of the resource provider; absent for Azure Resource Manager's own paths. */
interface Place {
  readonly methods: readonly string[];
  readonly versions: ReadonlySet<string>;
  readonly type?: string;
}

export const servicePath =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ApiManagement\/service\/([^/]+)(\/.*)?$/i;
export const listPath = /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.ApiManagement\/service$/i;
export const gatewaysPath = /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.ApiManagement\/gateways$/i;
export const connectionsPath =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ApiManagement\/gateways\/([^/]+)\/configConnections$/i;

/** Of an instance. */
export const settingsPath = /^(\/subscriptions\/.+)\/providers\/Microsoft\.Insights\/diagnosticSettings$/i;
export const workspacePath =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/i;

/** The answer to a request that no part of Azure takes; undefined where one does. `path`: without query. */
export function refusal(request: ArmRequest, path: string, apiVersion: string): ArmAnswer | undefined {
  const place = placeOf(path);
  if (place === undefined) return armError(404, 'InvalidResourceType', `The path '${path}' is not known here.`);
  return badVersion(place, apiVersion) ?? badMethod(place, request.method) ?? badBody(request);
}

function placeOf(path: string): Place | undefined {
  if (/^\/(tenants|subscriptions)$/i.test(path)) return { methods: ['GET'], versions: resourcesVersions };
  if (/^\/batch(\/[\w-]+)?$/i.test(path))
    return { methods: [/^\/batch$/i.test(path) ? 'POST' : 'GET'], versions: batchVersions };
  if (/^\/providers\/Microsoft\.ResourceGraph\/resources$/i.test(path))
    return { methods: ['POST'], versions: graphVersions, type: 'resources' };
  if (gatewaysPath.test(path) || connectionsPath.test(path))
    return { methods: ['GET'], versions: serviceVersions, type: 'gateways' };
  if (listPath.test(path)) return { methods: ['GET'], versions: serviceVersions, type: 'service' };
  if (settingsPath.test(path)) return { methods: ['GET'], versions: insightsVersions, type: 'diagnosticSettings' };
  if (advisorPath.test(path)) return { methods: ['GET'], versions: advisorVersions, type: 'recommendations' };
  if (activityPath.test(path)) return { methods: ['GET'], versions: activityVersions, type: 'eventtypes' };
  if (workspacePath.test(path)) return { methods: ['GET'], versions: workspaceVersions, type: 'workspaces' };
  const service = servicePath.exec(path);
  if (service === null) return undefined;
  if (/^\/connectivityCheck$/i.test(service[4] ?? ''))
    return { methods: ['POST'], versions: serviceVersions, type: 'service' };
  return { methods: service[4] === undefined ? ['GET', 'PATCH'] : ['GET'], versions: serviceVersions, type: 'service' };
}

/** Azure Resource Manager looks at the version before anything else of a request. */
function badVersion({ versions, type }: Place, given: string): ArmAnswer | undefined {
  if (versions.has(given)) return undefined;
  if (given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    return armError(400, 'MissingApiVersionParameter', message);
  }
  const supported = [...versions].join(', ');
  if (type === undefined) {
    const message = `The api-version '${given}' is invalid. The supported versions are '${supported}'.`;
    return armError(400, 'InvalidApiVersionParameter', message);
  }
  return armError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location 'westeurope' and API version '${given}' for type '${type}'. ` +
      `The supported api-versions are '${supported}'.`,
  );
}

function badMethod({ methods }: Place, method: string): ArmAnswer | undefined {
  if (methods.includes(method)) return undefined;
  const message = `The requested resource does not support the HTTP method '${method}'.`;
  return armError(405, 'MethodNotAllowed', message, { allow: methods.join(', ') });
}

function badBody({ method, body }: ArmRequest): ArmAnswer | undefined {
  if (method === 'GET') return undefined;
  try {
    JSON.parse(body ?? '');
    return undefined;
  } catch {
    const message = 'The request content was invalid and could not be deserialized: it is not JSON.';
    return armError(400, 'InvalidRequestContent', message);
  }
}
