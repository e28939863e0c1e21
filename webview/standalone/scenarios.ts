// The situations that the stand-alone page can show, chosen by `?scenario=`.

import type { BackendHost, CustomProperties, Instance } from '../../src/core/instance.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import type { EditorState } from '../../src/messages/editor.ts';
import { answered, silent, withOperations } from './surveys.ts';

export interface Scenario {
  readonly state: EditorState;
  /** What *Check* finds, by `hostAndPort`. */
  readonly found: Readonly<Record<string, Survey>>;
  readonly foundAtGateway: Readonly<Record<string, Survey>>;
  /** Read by the first *Check* where the state has none. */
  readonly backends: readonly BackendHost[];
  /** A change that somebody else makes, once the page sends a draft change to be checked or after `changesAfter`. */
  readonly elsewhere?: CustomProperties;
  /** The instance keeps no logs; absent: it does. */
  readonly unlogged?: true;
}

const hour = 3_600_000;
const oldMap: CustomProperties = Object.fromEntries(
  (
    [
      ['Security.Protocols.Tls10', 'True'],
      ['Security.Protocols.Tls11', 'True'],
      ['Security.Protocols.Ssl30', 'False'],
      ['Security.Ciphers.TripleDes168', 'True'],
      ['Security.Backend.Protocols.Tls10', 'True'],
      ['Security.Backend.Protocols.Tls11', 'True'],
      ['Security.Backend.Protocols.Ssl30', 'False'],
      ['Protocols.Server.Http2', 'False'],
      ['Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA', 'True'],
      ['Experiment.Routing', 'canary-7'],
    ] as const
  ).map(([key, text]) => [`${keyPrefix}${key}`, text]),
);

function instance(now: number, part: Partial<Instance>): Instance {
  return {
    id: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-integration/providers/Microsoft.ApiManagement/service/contoso-payments',
    name: 'contoso-payments',
    resourceGroup: 'rg-integration',
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    tenantId: '99999999-8888-7777-6666-555555555555',
    location: 'West Europe',
    otherRegions: ['North Europe', 'UK South'],
    tier: 'Premium',
    units: 2,
    provisioningState: 'Succeeded',
    createdAt: '2017-05-04T09:12:00Z',
    platformVersion: 'stv2',
    etag: 'AAAAAAFM3Qk=',
    customProperties: oldMap,
    gatewayUrl: 'https://contoso-payments.azure-api.net',
    hosts: [
      {
        hostName: 'contoso-payments.azure-api.net',
        type: 'Proxy',
        isDefault: true,
        negotiateClientCertificate: false,
        certificateExpiry: new Date(now + 90 * 24 * hour).toISOString(),
      },
      {
        hostName: 'api.contoso.example',
        type: 'Proxy',
        isDefault: false,
        negotiateClientCertificate: true,
        certificateExpiry: new Date(now + 12 * 24 * hour).toISOString(),
      },
    ],
    readAt: new Date(now - 40_000).toISOString(),
    ...part,
  };
}

function backend(host: string, title: string, port = 443, part: Partial<BackendHost> = {}): BackendHost {
  const url = `https://${host}${port === 443 ? '' : `:${port}`}/`;
  return {
    host,
    port,
    scheme: 'https',
    usedBy: [
      {
        kind: 'api',
        id: `/apis/${title}`,
        title,
        url,
        validateChain: true,
        validateName: true,
        clientCertificate: false,
      },
    ],
    ...part,
  };
}

const cbcOnly = (name: string) => name.includes('_RSA_WITH_AES_256_CBC_SHA') && !name.includes('ECDHE');

function fewBackends(now: number): { list: BackendHost[]; found: Record<string, Survey> } {
  const list = [
    backend('orders.internal.contoso.example', 'Orders'),
    backend('ledger.contoso.example', 'Ledger', 8443),
    backend('mainframe.contoso.example', 'Settlement batch'),
    backend('cards.partner.example', 'Card issuing'),
    backend('legacy-erp.contoso.example', 'ERP export'),
    backend('files.contoso.example', 'Statements', 80, { scheme: 'http' }),
    backend('10.20.0.14', 'Fraud scoring', 9443),
  ];
  const [orders, ledger, mainframe, cards, erp, , fraud] = list.map(hostAndPort);
  const found = {
    [orders ?? '']: withOperations(
      answered('orders.internal.contoso.example', 443, now, { versions: ['tls12', 'tls13'] }),
    ),
    [ledger ?? '']: answered('ledger.contoso.example', 8443, now, {
      versions: ['tls12'],
      suites: cbcOnly,
      days: 21,
      findings: ['expires-soon'],
    }),
    [mainframe ?? '']: answered('mainframe.contoso.example', 443, now, {
      versions: ['tls10'],
      days: 800,
      findings: ['self-signed'],
    }),
    [cards ?? '']: answered('cards.partner.example', 443, now, {
      versions: ['tls12'],
      days: -12,
      findings: ['expired', 'name-mismatch'],
    }),
    [erp ?? '']: answered('legacy-erp.contoso.example', 443, now, {
      versions: ['tls10', 'tls11', 'tls12'],
      suites: (name) => name.startsWith('TLS_RSA_'),
    }),
    [fraud ?? '']: silent('10.20.0.14', 9443, now, 'timeout', 'timed out after 5 s'),
  };
  return { list, found };
}

function manyBackends(now: number, count: number): { list: BackendHost[]; found: Record<string, Survey> } {
  const list = Array.from({ length: count }, (_, i) =>
    backend(`service-${String(i).padStart(3, '0')}.contoso.example`, `API ${i}`),
  );
  const kinds = [
    { versions: ['tls12', 'tls13'] },
    { versions: ['tls12'], suites: cbcOnly },
    { versions: ['tls10'] },
    { versions: ['tls11', 'tls12'], days: 9, findings: ['expires-soon'] },
  ] as const;
  const found = Object.fromEntries(
    list.map((entry, i) => {
      const kind = kinds[i % 5];
      return [
        hostAndPort(entry),
        kind
          ? answered(entry.host, entry.port, now, kind)
          : silent(entry.host, entry.port, now, 'unreachable', 'no route to host'),
      ];
    }),
  );
  return { list, found };
}

function entry(now: number, part: Partial<HistoryEntry>): HistoryEntry {
  return {
    id: 'op-2',
    instanceId: 'contoso-payments',
    kind: 'change',
    startedAt: new Date(now - 26 * hour).toISOString(),
    endedAt: new Date(now - 25.4 * hour).toISOString(),
    who: 'dana@contoso.example',
    before: { ...oldMap, [`${keyPrefix}Security.Protocols.Ssl30`]: 'True' },
    after: oldMap,
    result: 'done',
    detail: '',
    ...part,
  };
}

/** Somebody has switched client TLS 1.0 on, and a key that no setting stands for is another. */
function driftOf(now: number): EditorState['drift'] {
  const before = {
    ...oldMap,
    [`${keyPrefix}Security.Protocols.Tls10`]: 'False',
    [`${keyPrefix}Experiment.Routing`]: 'canary-6',
  };
  const at = (hours: number) => new Date(now - hours * hour).toISOString();
  return {
    at: at(70),
    source: 'applied',
    before,
    foundAt: at(0),
    grade: 'weaker',
    reading: false,
    problem: '',
    writers: {
      state: 'read',
      writes: [
        { at: at(9), caller: 'robin@contoso.example', status: 'Succeeded' },
        { at: at(50), caller: 'kim@contoso.example', status: 'Succeeded' },
      ],
      from: at(70),
      to: at(0),
      cut: false,
    },
  };
}

function base(now: number, part: Partial<EditorState>): EditorState {
  return {
    instance: instance(now, {}),
    subscriptionName: 'Contoso production',
    sample: true,
    operation: null,
    backends: null,
    unreadable: [],
    backendsProblem: '',
    surveys: {},
    gatewaySurveys: {},
    probing: null,
    renegotiations: { days: 30, progress: null, problem: '', found: null },
    traffic: { days: 30, reading: false, problem: '', found: null },
    seen: { reading: false, problem: '', found: null },
    connectivity: {},
    selfHosted: { names: ['edge-hamburg'], problem: '' },
    drift: null,
    history: [],
    historyUnreadable: 0,
    drafts: { from: null, others: [] },
    watch: null,
    problem: '',
    notice: '',
    ...part,
  };
}

export const scenarioNames = [
  'classic',
  'consumption',
  'v2',
  'developer',
  'nullmap',
  'elsewhere',
  'drifted',
  'many',
  'empty',
  'failing',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export function makeScenario(name: ScenarioName, now: number): Scenario {
  const { list, found } = name === 'many' ? manyBackends(now, 300) : fewBackends(now);
  const gateway = answered('contoso-payments.azure-api.net', 443, now, {
    versions: ['tls10', 'tls11', 'tls12', 'tls13'],
    days: 90,
  });
  const common = { found, backends: list, foundAtGateway: { 'contoso-payments.azure-api.net:443': gateway } };
  const probed = { backends: list, surveys: found };
  const history = [
    entry(now, {}),
    entry(now, {
      id: 'op-1',
      result: 'failed',
      startedAt: new Date(now - 60 * hour).toISOString(),
      endedAt: new Date(now - 59.2 * hour).toISOString(),
      detail: 'Azure: the operation was cancelled by the platform.',
    }),
  ];
  switch (name) {
    case 'classic':
      return { ...common, state: base(now, { ...probed, history, gatewaySurveys: common.foundAtGateway }) };
    case 'many':
      return { ...common, state: base(now, { ...probed, history }) };
    case 'elsewhere':
      return {
        ...common,
        state: base(now, probed),
        elsewhere: {
          ...oldMap,
          [`${keyPrefix}Security.Protocols.Tls11`]: 'False',
          [`${keyPrefix}Protocols.Server.Http2`]: 'True',
        },
      };
    case 'drifted':
      return { ...common, state: base(now, { ...probed, history, drift: driftOf(now) }) };
    case 'consumption':
      return {
        ...common,
        unlogged: true,
        state: base(now, {
          instance: instance(now, {
            name: 'contoso-events',
            tier: 'Consumption',
            units: 0,
            otherRegions: [],
            createdAt: '2024-02-01T00:00:00Z',
            customProperties: {},
          }),
        }),
      };
    case 'v2':
      return {
        ...common,
        state: base(now, {
          instance: instance(now, {
            name: 'contoso-edge',
            tier: 'StandardV2',
            units: 1,
            otherRegions: [],
            createdAt: '2025-09-01T00:00:00Z',
            customProperties: {},
          }),
          ...probed,
        }),
      };
    case 'developer':
      return {
        ...common,
        state: base(now, {
          instance: instance(now, {
            name: 'contoso-dev',
            tier: 'Developer',
            units: 1,
            otherRegions: [],
            provisioningState: 'Updating',
          }),
          operation: { id: 'op-3', kind: 'change', startedAt: new Date(now - 252_000).toISOString(), foreign: false },
          history: [
            entry(now, {
              id: 'op-3',
              result: 'running',
              startedAt: new Date(now - 252_000).toISOString(),
              endedAt: null,
            }),
          ],
        }),
      };
    case 'nullmap':
      return {
        ...common,
        state: base(now, {
          instance: instance(now, {
            name: 'contoso-new',
            provisioningState: 'Activating',
            customProperties: null,
            etag: null,
          }),
        }),
      };
    case 'empty':
      return {
        ...common,
        found: {},
        backends: [],
        foundAtGateway: {},
        state: base(now, {
          instance: instance(now, {
            name: 'contoso-empty',
            tier: 'Basic',
            units: 1,
            otherRegions: [],
            createdAt: '2023-01-01T00:00:00Z',
            customProperties: {},
            hosts: [],
            gatewayUrl: null,
          }),
          backends: [],
        }),
      };
    case 'failing':
      return {
        ...common,
        state: base(now, {
          sample: false,
          backendsProblem:
            'The backends could not be read: your account may not list APIs of contoso-payments (403 AuthorizationFailed). Ask for the role API Management Service Reader.',
          problem:
            'Saving failed: Azure is busy with contoso-payments (409 ServiceLocked). Try again when the state is Succeeded.',
          historyUnreadable: 1,
        }),
      };
  }
}
