// Whether policies present a client certificate where the gateway calls a backend that has no credentials of its own.

import type { ApiEntity } from '../azure/access.ts';
import type { BackendRequests, RequestTarget, RequestWay } from '../core/backendRequests.ts';
import type { PolicyScope } from '../core/policyFacts.ts';

/** all: for every call; some: for some calls, or under a condition; none: for no call that is known. */
export type Presented = RequestWay['certificate'];

export interface PresentedCertificates {
  /** For requests to a target by the policies of a scope; of any scope where it is null. */
  readonly by: (scope: PolicyScope | null, targets: readonly RequestTarget[]) => Presented;
}

interface Call extends Pick<RequestWay, 'product' | 'certificate'> {
  readonly api: string;
  readonly operation: string | null;
}

/** Every way of every API, by what it may call. */
export function presentedCertificates(
  requests: BackendRequests,
  apis: readonly Pick<ApiEntity, 'name'>[],
): PresentedCertificates {
  const calls = new Map<string, Call[]>();
  const add = (key: string, call: Call) => {
    const own = calls.get(key);
    if (own) own.push(call);
    else calls.set(key, [call]);
  };
  for (const { name } of apis)
    for (const operation of [null, ...requests.apart(name)])
      for (const { product, certificate, targets } of requests.waysOf(name, operation))
        for (const target of targets) {
          const call = { api: name, operation, product, certificate };
          add(keyOf(null, target), call);
          add(keyOf(name, target), call);
        }
  return {
    by: (scope, targets) => {
      const api = scope?.kind === 'api' || scope?.kind === 'operation' ? scope.api : null;
      const own = targets.flatMap((target) => calls.get(keyOf(api, target)) ?? []);
      const certificates = own.filter((call) => isOf(call, scope)).map(({ certificate }) => certificate);
      if (certificates.length === 0 || certificates.every((one) => one === 'none')) return 'none';
      return certificates.every((one) => one === 'all') ? 'all' : 'some';
    },
  };
}

function isOf({ operation, product }: Call, scope: PolicyScope | null): boolean {
  if (scope?.kind === 'product') return product.toLowerCase() === scope.product.toLowerCase();
  return scope?.kind !== 'operation' || operation?.toLowerCase() === scope.operation.toLowerCase();
}

/** Names of entities are compared without regard to case. */
function keyOf(api: string | null, target: RequestTarget): string {
  const text = 'text' in target ? (target.kind === 'backend' ? target.text.toLowerCase() : target.text) : '';
  return JSON.stringify([api?.toLowerCase() ?? null, target.kind, text]);
}
