// The endpoints of a cloud. Nothing else in the product names a host of Azure.
// Sources: @azure/ms-rest-azure-env 2.0.0, constants of @azure/identity 4.13.1.

export interface Cloud {
  readonly name: 'public' | 'usGovernment' | 'china' | 'custom';
  /** Azure Resource Manager, without trailing slash. */
  readonly arm: string;
  /** Scope of tokens for ARM. */
  readonly armScope: string;
  /** Entra authority host. */
  readonly authority: string;
  readonly portal: string;
}

export const clouds: Readonly<Record<'public' | 'usGovernment' | 'china', Cloud>> = {
  public: {
    name: 'public',
    arm: 'https://management.azure.com',
    armScope: 'https://management.core.windows.net//.default',
    authority: 'https://login.microsoftonline.com',
    portal: 'https://portal.azure.com',
  },
  usGovernment: {
    name: 'usGovernment',
    arm: 'https://management.usgovcloudapi.net',
    armScope: 'https://management.core.usgovcloudapi.net//.default',
    authority: 'https://login.microsoftonline.us',
    portal: 'https://portal.azure.us',
  },
  china: {
    name: 'china',
    arm: 'https://management.chinacloudapi.cn',
    armScope: 'https://management.core.chinacloudapi.cn//.default',
    authority: 'https://login.chinacloudapi.cn',
    portal: 'https://portal.azure.cn',
  },
};

/** The portal's page of a resource. */
export function portalUrl(cloud: Cloud, tenantId: string, resourceId: string): string {
  return `${cloud.portal}/#@${encodeURIComponent(tenantId)}/resource${resourceId}`;
}
