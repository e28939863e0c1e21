// The shapes of the REST interface for workspace gateways and self-hosted gateways (Microsoft.ApiManagement 2024-05-01).

import { gatewayId, serviceId } from './model.ts';
import type { SampleGateway, SampleSelfHosted, SampleService } from './model.ts';

export function gatewayBody(gateway: SampleGateway): object {
  return {
    id: gatewayId(gateway),
    name: gateway.name,
    type: 'Microsoft.ApiManagement/gateways',
    tags: {},
    location: gateway.location,
    etag: 'AAAAAAAWKwo=',
    properties: gatewayProperties(gateway),
    sku: { name: gateway.tier, capacity: gateway.units },
  };
}

export function gatewayProperties(gateway: SampleGateway): object {
  return {
    provisioningState: 'Succeeded',
    targetProvisioningState: '',
    createdAtUtc: gateway.createdAt,
    virtualNetworkType: 'None',
  };
}

export function connectionBodies(gateway: SampleGateway): readonly object[] {
  return gateway.connections.map(({ name, service, workspace }) => ({
    id: `${gatewayId(gateway)}/configConnections/${name}`,
    name,
    type: 'Microsoft.ApiManagement/gateways/configConnections',
    etag: 'AAAAAAAWN/4=',
    properties: {
      provisioningState: 'Succeeded',
      sourceId: `${serviceId(service)}/workspaces/${workspace}`,
      defaultHostname: `${workspace}-${gateway.name}.gateway.azure-api.example`,
      hostnames: [],
    },
  }));
}

export function selfHostedBody(service: SampleService, gateway: SampleSelfHosted): object {
  return {
    id: `${serviceId(service)}/gateways/${gateway.name}`,
    type: 'Microsoft.ApiManagement/service/gateways',
    name: gateway.name,
    properties: { description: gateway.description, locationData: { name: gateway.place } },
  };
}

export function selfHostedHostBodies(service: SampleService, gateway: SampleSelfHosted): readonly object[] {
  return gateway.hosts.map((host) => ({
    id: `${serviceId(service)}/gateways/${gateway.name}/hostnameConfigurations/${host.name}`,
    type: 'Microsoft.ApiManagement/service/gateways/hostnameConfigurations',
    name: host.name,
    properties: {
      hostname: host.hostName,
      certificateId: `${serviceId(service)}/certificates/${host.name}`,
      negotiateClientCertificate: host.negotiateClientCertificate,
      tls10Enabled: host.tls10,
      tls11Enabled: host.tls11,
      http2Enabled: host.http2,
    },
  }));
}
