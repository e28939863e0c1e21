// The sample estate: two tenants, three subscriptions, instances of every tier and in every state worth seeing.

import { certificateApis, certificateFragments, certificateProducts, certificateValues } from './estateApis.ts';
import { withPast } from './estateActivity.ts';
import { sampleWorkspaces, withLogs } from './estateLogs.ts';
import { shopDev, shopProd } from './estateShop.ts';
import type { Estate, SampleService, SampleSubscription, SampleTenant, ShortMap } from './model.ts';

const contoso: SampleTenant = {
  id: '6f1d2a34-0c5b-4e7a-9d3e-1b2c3d4e5f60',
  name: 'Contoso',
  domain: 'contoso.example',
};
const fabrikam: SampleTenant = {
  id: 'b2a7c9d1-55e4-4f0b-8a61-7c9e0f1a2b3c',
  name: 'Fabrikam',
  domain: 'fabrikam.example',
};

const production = '3c1f0b52-7a84-4d2e-9b60-0f5d8e6a1c11';
const development = '8d4e2f17-1b93-46c5-a7f2-6e0c9b3d5a22';
const partner = 'e5a90c38-62d7-4b1f-8c04-2a7f1d9e4b33';

const subscriptions: readonly SampleSubscription[] = [
  { id: production, name: 'Contoso Online - Production', tenantId: contoso.id },
  { id: development, name: 'Contoso Online - Development and test', tenantId: contoso.id },
  { id: partner, name: 'Fabrikam - Partner APIs', tenantId: fabrikam.id, forbidden: true },
];

type Rest = Partial<Omit<SampleService, 'name' | 'tier' | 'map' | 'subscriptionId'>>;

function instance(
  subscriptionId: string,
  name: string,
  tier: string,
  map: ShortMap | null,
  rest: Rest = {},
): SampleService {
  const classic = {
    createdAt: '2022-05-11T09:30:07.5531021Z',
    platformVersion: 'stv2.1',
    units: 1,
    location: 'West Europe',
  };
  return { subscriptionId, resourceGroup: `rg-${name.replace(/^\w+-/, '')}`, name, tier, map, ...classic, ...rest };
}

/** Every setting that keeps an old or weak protocol or suite alive, off; TLS 1.3 to backends on. */
const modern: ShortMap = {
  'Security.Backend.Protocols.Tls13': 'true',
  'Protocols.Server.Http2': 'true',
  ...Object.fromEntries(
    [
      'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
      'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
      'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
      'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
      'TLS_RSA_WITH_AES_256_GCM_SHA384',
      'TLS_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_RSA_WITH_AES_256_CBC_SHA256',
      'TLS_RSA_WITH_AES_128_CBC_SHA256',
      'TLS_RSA_WITH_AES_256_CBC_SHA',
      'TLS_RSA_WITH_AES_128_CBC_SHA',
      'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
    ].map((name) => [`Security.Ciphers.${name}`, 'false']),
  ),
};

/** The four suites that documentation calls fixed and the portal can switch off. */
const conflictsOff: ShortMap = {
  'Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256': 'False',
  'Security.Ciphers.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384': 'False',
  'Security.Ciphers.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384': 'False',
  'Security.Ciphers.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256': 'False',
};

function backend(name: string, title: string): NonNullable<SampleService['backends']> {
  return [{ name, title, url: `https://${name}.contoso.example` }];
}

const v2 = { platformVersion: 'mtv1', createdAt: '2025-09-02T06:45:31.2204519Z' };

const factoryGateways: NonNullable<SampleService['selfHosted']> = [
  {
    name: 'factory-hamburg',
    description: 'In the plant, on Kubernetes',
    place: 'Hamburg',
    hosts: [
      {
        name: 'plant',
        hostName: 'api.plant.contoso.example',
        negotiateClientCertificate: true,
        tls10: true,
        tls11: true,
        http2: false,
      },
    ],
  },
  { name: 'factory-lyon', description: '', place: 'Lyon', hosts: [] },
];

const productionServices: readonly SampleService[] = [
  shopProd(production),
  instance(
    production,
    'contoso-global',
    'Premium',
    { 'Security.Protocols.Tls11': 'True' },
    {
      otherLocations: ['East US 2', 'Southeast Asia'],
      lagging: { location: 'Southeast Asia', ms: 4000 },
      units: 2,
      createdAt: '2020-02-20T11:15:52.7710342Z',
      selfHosted: factoryGateways,
      backends: backend('events', 'Events'),
      apis: [{ name: 'events-api', title: 'Events', path: 'events', serviceUrl: 'https://events.contoso.example' }],
    },
  ),
  instance(production, 'contoso-payments', 'Premium', modern, {
    createdAt: '2024-01-15T10:00:00.0000000Z',
    backends: backend('settlement', 'Settlement'),
  }),
  // Created before 2018-04-02: what the map leaves out is on.
  instance(
    production,
    'contoso-legacy',
    'Standard',
    { 'Security.Protocols.Ssl30': 'False' },
    {
      createdAt: '2016-06-29T17:50:42.3191122Z',
      sparse: true,
      backends: backend('legacy', 'Legacy ERP'),
    },
  ),
  instance(
    production,
    'contoso-b2b',
    'Standard',
    { 'Security.Protocols.Tls13': 'False' },
    {
      createdAt: '2019-07-01T07:20:11.9000123Z',
      renegotiates: true,
      hosts: [
        {
          hostName: 'b2b.contoso.example',
          negotiateClientCertificate: false,
          isDefault: true,
          certificateExpiry: '2027-03-31T23:59:59+00:00',
        },
      ],
      apis: certificateApis,
      products: certificateProducts,
      fragments: certificateFragments,
      namedValues: certificateValues,
      renegotiationBlocked: 'named',
      backends: backend('purchasing', 'Purchasing'),
    },
  ),
  instance(
    production,
    'contoso-events',
    'Consumption',
    { 'Protocols.Server.Http2': 'True' },
    {
      units: 0,
      createdAt: '2023-10-10T12:00:41.1113901Z',
      backends: backend('events', 'Events'),
    },
  ),
  instance(
    production,
    'contoso-mobile',
    'StandardV2',
    { 'Security.Protocols.Tls11': 'True' },
    {
      ...v2,
      backends: backend('mobile', 'Mobile apps'),
    },
  ),
  instance(production, 'contoso-hub', 'PremiumV2', {}, { ...v2, units: 3, location: 'North Europe' }),
  instance(
    production,
    'contoso-logistics',
    'Standard',
    { 'Security.Protocols.Tls10': 'True', 'Security.Protocols.Tls11': 'True' },
    {
      changingTo: {},
      backends: backend('logistics', 'Logistics'),
    },
  ),
  instance(
    production,
    'contoso-hr',
    'Basic',
    { 'Security.Backend.Protocols.Tls10': 'True' },
    {
      failed: true,
      backends: backend('people', 'People'),
    },
  ),
  instance(production, 'contoso-trust', 'Standard', {
    'ManagedIdentity.DisableOverPrivilegedAccess': 'true',
    'Preview.RequestCoalescing': 'v2;window=50ms',
    'Security.Protocols.Tls11': 'true',
  }),
];

const developmentServices: readonly SampleService[] = [
  shopDev(development),
  instance(development, 'contoso-archive', 'Basic', {
    'Security.Ciphers.TripleDes168': 'False',
    'Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA': 'true',
  }),
  instance(development, 'contoso-audit', 'Standard', conflictsOff),
  instance(development, 'contoso-lab', 'BasicV2', {}, v2),
  instance(development, 'contoso-next', 'Standard', null, {
    createdAt: '2026-11-19T16:40:03.0081277Z',
    resourceGroup: 'rg-next',
  }),
  instance(
    development,
    'contoso-preview',
    'UltraV3',
    { 'Security.Protocols.Tls11': 'True' },
    {
      platformVersion: 'undetermined',
      createdAt: '2026-10-01T09:00:00.0000000Z',
    },
  ),
];

export const sampleEstate: Estate = {
  tenants: [contoso, fabrikam],
  subscriptions,
  services: [
    ...productionServices,
    ...developmentServices,
    instance(partner, 'fabrikam-partners', 'Standard', { 'Security.Protocols.Tls10': 'True' }),
  ]
    .map(withLogs)
    .map(withPast),
  workspaces: sampleWorkspaces(production),
  gateways: [
    {
      subscriptionId: production,
      resourceGroup: 'rg-global',
      name: 'contoso-teams',
      location: 'West Europe',
      tier: 'WorkspaceGatewayPremium',
      units: 1,
      createdAt: '2025-03-11T08:14:02.1180000Z',
      connections: [
        {
          name: 'checkout',
          service: { subscriptionId: production, resourceGroup: 'rg-global', name: 'contoso-global' },
          workspace: 'checkout',
        },
      ],
    },
  ],
};
