// What other people have done in the sample estate, and how an instance was when it was looked at before that.

import { fingerprintOf } from '../core/drift.ts';
import type { Remembered } from '../core/drift.ts';
import { firstMap, longMap, shownMap } from './maps.ts';
import { serviceId } from './model.ts';
import type { Estate, SampleActivity, ShortMap } from './model.ts';
import { etagOf } from './state.ts';

interface Past {
  readonly activity?: readonly SampleActivity[];
  readonly activityForbidden?: true;
  readonly earlier?: { readonly map: ShortMap; readonly hoursAgo: number };
}

const pipeline = '0f6b9a1e-8c34-4d57-b1a2-3e9d7c5f8046';

/** By the name of the instance. */
const past: Readonly<Record<string, Past>> = {
  // Somebody has switched TLS 1.1 on since.
  'contoso-trust': {
    earlier: {
      map: { 'ManagedIdentity.DisableOverPrivilegedAccess': 'true', 'Preview.RequestCoalescing': 'v2;window=50ms' },
      hoursAgo: 80,
    },
    activity: [
      { by: 'jules@contoso.example', hoursAgo: 71 },
      { by: pipeline, hoursAgo: 400 },
    ],
  },
  'contoso-audit': {
    activity: [
      { by: pipeline, hoursAgo: 5 },
      { by: 'robin@contoso.example', hoursAgo: 9 },
      { by: 'kim@contoso.example', hoursAgo: 12, failed: true },
    ],
  },
  'contoso-global': { activityForbidden: true },
};

/**
 * What the account remembers of instances from before the first day. It was told of what has changed since: nobody is to
 * be met by a message on opening the sample estate.
 * @param startedAt the first day, in milliseconds since 1970
 */
export function earlierOf({ services }: Estate, startedAt: number): Remembered[] {
  return services.flatMap((service) => {
    const { earlier, name, createdAt } = service;
    if (earlier === undefined) return [];
    const map = shownMap(service, longMap(earlier.map));
    const at = new Date(startedAt - earlier.hoursAgo * 3_600_000).toISOString();
    const told = fingerprintOf({ map: firstMap(service) ?? {} });
    return [
      { name, instanceId: serviceId(service), createdAt, map, etag: etagOf(1_300_000), at, source: 'seen', told },
    ];
  });
}

export function withPast<Service extends { readonly name: string }>(service: Service): Service & Past {
  return { ...service, ...past[service.name] };
}
