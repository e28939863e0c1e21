// Every query of logs that is sent, and the columns of its answer.

import { backendTrafficQuery } from '../../../src/azure/backendTrafficQuery.ts';
import { failuresQuery } from '../../../src/azure/failuresQuery.ts';
import { hostTrafficQuery } from '../../../src/azure/hostTraffic.ts';
import { trafficQuery } from '../../../src/azure/trafficQuery.ts';

export const id = '/subscriptions/3c1f/resourceGroups/rg (a)/providers/Microsoft.ApiManagement/service/contoso-shop';
export const window = {
  from: '2026-11-20T11:40:00.000Z',
  changedAt: '2026-11-20T12:00:00.000Z',
  to: '2026-11-20T12:20:00.000Z',
};

export interface LogQuery {
  readonly name: string;
  readonly of: (instanceId: string) => string;
  /** As the reader of the answer takes it. */
  readonly answer: Readonly<Record<string, string>>;
}

export const logQueries: readonly LogQuery[] = [
  {
    name: 'traffic of callers',
    of: (instanceId) => trafficQuery(instanceId, 30),
    answer: {
      Level: 'string',
      Version: 'string',
      Api: 'string',
      Operation: 'string',
      Requests: 'long',
      Callers: 'long',
      Addresses: 'dynamic',
      LastSeen: 'datetime',
    },
  },
  {
    name: 'traffic to backends',
    of: (instanceId) => backendTrafficQuery(instanceId, 30),
    answer: {
      Level: 'string',
      Scheme: 'string',
      Authority: 'string',
      Api: 'string',
      Operation: 'string',
      Path: 'string',
      Requests: 'long',
      Failures: 'long',
      Said: 'string',
      ServerErrors: 'long',
      LastSeen: 'datetime',
    },
  },
  {
    name: 'traffic by host name',
    of: (instanceId) => hostTrafficQuery(instanceId, 30),
    answer: {
      Version: 'string',
      Api: 'string',
      Operation: 'string',
      Host: 'string',
      Requests: 'long',
      Callers: 'long',
      LastSeen: 'datetime',
    },
  },
  {
    name: 'failures since a change',
    of: (instanceId) => failuresQuery(instanceId, window),
    answer: {
      Level: 'string',
      Version: 'string',
      Api: 'string',
      Reason: 'string',
      Host: 'string',
      Since: 'long',
      Before: 'long',
      Tls: 'long',
      LastSeen: 'datetime',
    },
  },
];
