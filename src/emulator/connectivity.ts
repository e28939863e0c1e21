// The connectivity check of an instance. Nothing is kept: what is to be told, and when, is in the address of the result.

import { armError, emptyAnswer, jsonAnswer, serviceError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import type { Fault } from './faults.ts';
import { serviceId } from './model.ts';
import type { SampleService } from './model.ts';
import type { Scene } from './update.ts';

const path = /^\/connectivityCheck(?:\/operationresults\/([\w-]+))?$/i;
/** How long a check takes, in milliseconds. */
const checkMs = 4000;

interface Check {
  readonly region: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** Undefined where the path is another one. `rest`: the path below the instance. */
export function connectivityAnswer(
  scene: Scene,
  service: SampleService,
  rest: string,
  request: ArmRequest,
  fault: Fault | undefined,
): ArmAnswer | undefined {
  const [whole, id] = path.exec(rest) ?? [];
  if (whole === undefined) return undefined;
  if (id === undefined) return begin(scene, service, request.body ?? '');
  const check = readId(id);
  if (check === undefined) return serviceError(404, 'ResourceNotFound', 'The operation was not found.');
  return check.endsAt > scene.now || fault?.kind === 'operationNeverEnds'
    ? emptyAnswer(202, headersOf(scene, service, id))
    : jsonAnswer(200, resultOf(service, check));
}

function begin(scene: Scene, service: SampleService, body: string): ArmAnswer {
  // Which tiers refuse it is not documented; the code is that of what a tier does not have.
  if (/V2$|^Consumption$/.test(service.tier)) {
    const message = `Method not allowed in ${service.tier} pricing tier`;
    return serviceError(400, 'MethodNotAllowedInPricingTier', message);
  }
  const { source, destination } = Object(JSON.parse(body)) as {
    readonly source?: { readonly region?: unknown };
    readonly destination?: { readonly address?: unknown; readonly port?: unknown };
  };
  const [region, host, port] = [source?.region, destination?.address, destination?.port];
  const regions = [service.location, ...(service.otherLocations ?? [])].map(nameOf);
  if (typeof region !== 'string' || !regions.includes(nameOf(region)))
    return serviceError(400, 'ValidationError', 'source.region is no region of this service.');
  if (typeof host !== 'string' || typeof port !== 'number')
    return serviceError(400, 'ValidationError', 'destination must have an address and a port.');
  if (host.includes('/')) return armError(400, 'InvalidDestination', 'The destination is no address.');
  const check: Check = { region, host, port, endsAt: scene.now + Math.min(checkMs, scene.changeMs) };
  return emptyAnswer(202, headersOf(scene, service, Buffer.from(JSON.stringify(check)).toString('base64url')));
}

function nameOf(region: string): string {
  return region.toLowerCase().replaceAll(' ', '');
}

function headersOf(scene: Scene, service: SampleService, id: string): Readonly<Record<string, string>> {
  const at = `${scene.origin}${serviceId(service)}/connectivityCheck/operationresults/${id}`;
  return { location: `${at}?api-version=${scene.apiVersion}`, 'retry-after': String(scene.retryAfterSeconds) };
}

function readId(id: string): Check | undefined {
  try {
    return JSON.parse(Buffer.from(id, 'base64url').toString()) as Check;
  } catch {
    return undefined;
  }
}

/** Names under `.invalid` are not resolved; everything else is reached from inside, also what keeps silent outside. */
function resultOf(service: SampleService, { host, port }: Check): object {
  const lost = host.endsWith('.invalid');
  const hop = (type: string, address: string | null, next: readonly string[], issues: readonly object[]) => ({
    type,
    id: `${type}-${host}-${port}`.toLowerCase(),
    address,
    resourceId: type === 'Source' ? serviceId(service) : null,
    nextHopIds: next,
    issues,
  });
  const issue = { origin: 'Outbound', severity: 'Error', type: 'DnsResolution', context: [] };
  return {
    hops: [
      hop('Source', '10.1.1.4', lost ? [] : [`internet-${host}-${port}`], lost ? [issue] : []),
      ...(lost ? [] : [hop('Internet', '198.51.100.80', [], [])]),
    ],
    connectionStatus: lost ? 'Disconnected' : 'Connected',
    avgLatencyInMs: lost ? null : 12,
    minLatencyInMs: lost ? null : 9,
    maxLatencyInMs: lost ? null : 31,
    probesSent: 30,
    probesFailed: lost ? 30 : 0,
  };
}
