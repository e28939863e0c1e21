// What other people have done in the sample estate, and how an instance was when it was looked at before that.

import type { SampleActivity, ShortMap } from './model.ts';

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

export function withPast<Service extends { readonly name: string }>(service: Service): Service & Past {
  return { ...service, ...past[service.name] };
}
