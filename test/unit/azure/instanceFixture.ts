// One instance as ARM gives it, with everything that the product reads.

import { service } from './scriptedAzure.ts';

export function readInstanceFixture(): Record<string, unknown> {
  return service({ 'Foreign.Key': ' odd  Text ', 'Some.Flag': true }, 'Succeeded', {
    gatewayRegionalUrl: 'https://contoso-westeurope-01.regional.azure-api.net',
    additionalLocations: [
      { location: 'North Europe', gatewayRegionalUrl: 'https://Contoso-NorthEurope-01.regional.azure-api.net:443/' },
      {
        location: 'East US',
        gatewayRegionalUrl: 'https://contoso-eastus-01.regional.azure-api.net',
        disableGateway: true,
      },
      { gatewayRegionalUrl: 'ftp://contoso' },
    ],
    hostnameConfigurations: [
      {
        type: 'Proxy',
        hostName: 'api.contoso.example',
        defaultSslBinding: true,
        negotiateClientCertificate: true,
        certificate: { expiry: '2027-01-02T00:00:00+00:00', thumbprint: 'AB', subject: 'CN=api' },
      },
      {
        type: 'DeveloperPortal',
        hostName: 'portal.contoso.example',
        certificate: null,
        negotiateClientCertificate: null,
      },
      { type: 'Proxy' },
    ],
  });
}
