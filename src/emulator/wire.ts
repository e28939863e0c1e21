// The shapes of the REST interfaces (Microsoft.ApiManagement 2024-05-01, Microsoft.Resources 2022-12-01) for sample data.

import { gatewayHost, regionalHost, serviceId } from './model.ts';
import type {
  SampleApi,
  SampleBackend,
  SampleCertificate,
  SampleOperation,
  SampleService,
  SampleSubscription,
  SampleTenant,
} from './model.ts';
import type { ServiceState } from './state.ts';

const serviceType = 'Microsoft.ApiManagement/service';

export function tenantBody(tenant: SampleTenant): object {
  return {
    id: `/tenants/${tenant.id}`,
    tenantId: tenant.id,
    tenantCategory: 'Home',
    countryCode: 'DE',
    displayName: tenant.name,
    domains: [tenant.domain],
    defaultDomain: tenant.domain,
    tenantType: 'AAD',
  };
}

export function subscriptionBody(subscription: SampleSubscription): object {
  return {
    id: `/subscriptions/${subscription.id}`,
    subscriptionId: subscription.id,
    tenantId: subscription.tenantId,
    displayName: subscription.name,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'EnterpriseAgreement_2014-09-01',
      spendingLimit: 'Off',
    },
    authorizationSource: 'RoleBased',
    managedByTenants: [],
  };
}

export function serviceBody(service: SampleService, state: ServiceState): object {
  return {
    id: serviceId(service),
    name: service.name,
    type: serviceType,
    tags: service.tags ?? {},
    location: service.location,
    etag: state.etag,
    properties: serviceProperties(service, state),
    sku: { name: service.tier, capacity: service.units },
    identity: null,
    zones: null,
  };
}

export function serviceProperties(service: SampleService, state: ServiceState): object {
  const host = gatewayHost(service);
  const classic = !/V\d$|^Consumption$/.test(service.tier);
  return {
    publisherEmail: 'api-platform@contoso.example',
    publisherName: 'Contoso API platform',
    notificationSenderEmail: 'apimgmt-noreply@mail.example',
    provisioningState: state.provisioningState,
    targetProvisioningState: state.provisioningState === 'Activating' ? 'Activating' : '',
    createdAtUtc: service.createdAt,
    gatewayUrl: `https://${host}`,
    gatewayRegionalUrl: classic ? `https://${regionalHost(service, service.location)}` : null,
    portalUrl: classic ? `https://${service.name}.portal.azure-api.example` : null,
    developerPortalUrl: classic ? `https://${service.name}.developer.azure-api.example` : null,
    managementApiUrl: classic ? `https://${service.name}.management.azure-api.example` : null,
    scmUrl: classic ? `https://${service.name}.scm.azure-api.example` : null,
    hostnameConfigurations: hostBodies(service),
    publicIPAddresses: classic ? ['203.0.113.10'] : null,
    privateIPAddresses: null,
    additionalLocations: (service.otherLocations ?? []).map((location) => regionBody(service, location)),
    virtualNetworkConfiguration: null,
    customProperties: state.map,
    virtualNetworkType: 'None',
    certificates: null,
    disableGateway: false,
    natGatewayState: 'Disabled',
    apiVersionConstraint: { minApiVersion: null },
    publicNetworkAccess: 'Enabled',
    privateEndpointConnections: null,
    platformVersion: service.platformVersion,
    ...(service.tier === 'Consumption' ? { enableClientCertificate: service.enableClientCertificate ?? false } : {}),
  };
}

function regionBody(service: SampleService, location: string): object {
  return {
    location,
    sku: { name: service.tier, capacity: 1 },
    zones: [],
    publicIPAddresses: ['203.0.113.20'],
    gatewayRegionalUrl: `https://${regionalHost(service, location)}`,
    disableGateway: false,
    platformVersion: service.platformVersion,
  };
}

const noCertificate = { keyVaultId: null, identityClientId: null, encodedCertificate: null, certificatePassword: null };

function hostBodies(service: SampleService): readonly object[] {
  const own = service.hosts ?? [];
  return [
    {
      type: 'Proxy',
      hostName: gatewayHost(service),
      ...noCertificate,
      negotiateClientCertificate: false,
      certificate: null,
      defaultSslBinding: !own.some((host) => host.isDefault),
      certificateSource: 'BuiltIn',
      certificateStatus: null,
    },
    ...own.map((host) => ({
      type: 'Proxy',
      hostName: host.hostName,
      ...noCertificate,
      keyVaultId: `https://contoso-certificates.vault.example/secrets/${host.hostName.replaceAll('.', '-')}`,
      negotiateClientCertificate: host.negotiateClientCertificate,
      certificate: {
        expiry: host.certificateExpiry,
        thumbprint: 'BA0C286F71AF3B6A01BDB240C58A4A507E3DBD51',
        subject: `CN=${host.hostName}`,
      },
      defaultSslBinding: host.isDefault ?? false,
      certificateSource: 'KeyVault',
      certificateStatus: null,
    })),
  ];
}

/** A child resource: id, type and name around its properties. */
function child(parentId: string, parentType: string, kind: string, name: string, properties: object): object {
  return { id: `${parentId}/${kind}/${name}`, type: `${parentType}/${kind}`, name, properties };
}

export function backendBody(service: SampleService, backend: SampleBackend): object {
  const id = serviceId(service);
  if (backend.pool !== undefined) {
    const services = backend.pool.map((name) => ({ id: `${id}/backends/${name}`, weight: 1, priority: 1 }));
    return child(id, serviceType, 'backends', backend.name, { title: backend.title, type: 'Pool', pool: { services } });
  }
  const ids = (backend.certificates ?? []).map((name) => `${id}/certificates/${name}`);
  return child(id, serviceType, 'backends', backend.name, {
    title: backend.title,
    url: backend.url,
    protocol: 'http',
    ...(ids.length === 0 ? {} : { credentials: { certificateIds: ids } }),
    ...(backend.tls === undefined ? {} : { tls: backend.tls }),
  });
}

export function apiBody(service: SampleService, api: SampleApi): object {
  return child(serviceId(service), serviceType, 'apis', api.name, {
    displayName: api.title,
    apiRevision: '1',
    description: null,
    subscriptionRequired: true,
    serviceUrl: api.serviceUrl ?? null,
    path: api.path,
    protocols: ['https'],
    isCurrent: true,
  });
}

export function operationBody(service: SampleService, api: SampleApi, operation: SampleOperation): object {
  return child(`${serviceId(service)}/apis/${api.name}`, `${serviceType}/apis`, 'operations', operation.name, {
    displayName: operation.title,
    method: operation.method,
    urlTemplate: operation.urlTemplate,
    templateParameters: [],
    description: null,
    responses: [],
  });
}

export function certificateBody(service: SampleService, certificate: SampleCertificate): object {
  const { subject, thumbprint, expirationDate } = certificate;
  return child(serviceId(service), serviceType, 'certificates', certificate.name, {
    subject,
    thumbprint,
    expirationDate,
  });
}

/** `scope`: the path below the service, such as `/apis/orders`, empty for all APIs. */
export function policyBody(service: SampleService, scope: string, kind: string, format: string, value: string): object {
  return child(`${serviceId(service)}${scope}`, `${serviceType}${kind}`, 'policies', 'policy', { format, value });
}
