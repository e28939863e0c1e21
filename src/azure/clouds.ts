// The endpoints of a cloud. Nothing else in the product names a host of Azure.
// Sources: @azure/ms-rest-azure-env 2.0.0, constants of @azure/identity 4.14.1 and of its MSAL (aliases of authorities).

export interface Cloud {
  readonly name: 'public' | 'usGovernment' | 'china' | 'custom';
  /** Azure Resource Manager, without trailing slash. */
  readonly arm: string;
  /** Scope of tokens for ARM. */
  readonly armScope: string;
  /** Entra authority host, without trailing slash. */
  readonly authority: string;
  /** Further hosts of the same authority, to which its own metadata may lead. */
  readonly authorityAliases: readonly string[];
  /** Log Analytics queries; null where the cloud names none. */
  readonly logs: string | null;
  /** What the names of key vaults end with, with its leading dot; null where the cloud names none. */
  readonly keyVaultSuffix: string | null;
  /** Null where the cloud names none. */
  readonly portal: string | null;
}

export const clouds: Readonly<Record<'public' | 'usGovernment' | 'china', Cloud>> = {
  public: {
    name: 'public',
    arm: 'https://management.azure.com',
    armScope: 'https://management.core.windows.net//.default',
    authority: 'https://login.microsoftonline.com',
    authorityAliases: ['https://login.microsoft.com', 'https://login.windows.net', 'https://sts.windows.net'],
    logs: 'https://api.loganalytics.io',
    keyVaultSuffix: '.vault.azure.net',
    portal: 'https://portal.azure.com',
  },
  usGovernment: {
    name: 'usGovernment',
    arm: 'https://management.usgovcloudapi.net',
    armScope: 'https://management.core.usgovcloudapi.net//.default',
    authority: 'https://login.microsoftonline.us',
    authorityAliases: ['https://login.usgovcloudapi.net'],
    logs: 'https://api.loganalytics.us',
    keyVaultSuffix: '.vault.usgovcloudapi.net',
    portal: 'https://portal.azure.us',
  },
  china: {
    name: 'china',
    arm: 'https://management.chinacloudapi.cn',
    armScope: 'https://management.core.chinacloudapi.cn//.default',
    authority: 'https://login.chinacloudapi.cn',
    authorityAliases: ['https://login.partner.microsoftonline.cn'],
    logs: 'https://api.loganalytics.azure.cn',
    keyVaultSuffix: '.vault.azure.cn',
    portal: 'https://portal.azure.cn',
  },
};

/** A cloud of its own as the settings name it. Empty: not stated. */
export interface CustomCloud {
  readonly resourceManager: string;
  readonly authority: string;
  /** Audience of tokens for ARM; where not stated, ARM's own address. */
  readonly audience: string;
  readonly logAnalytics: string;
  readonly keyVaultSuffix: string;
  readonly portal: string;
}

/** A setting of a custom cloud that cannot be used, and why. */
export interface CloudProblem {
  readonly setting: keyof CustomCloud;
  readonly why: 'missing' | 'notAddress' | 'notHttps' | 'credentials' | 'notSuffix';
  readonly value: string;
}

/** The cloud of the settings, or the first of them that cannot be used. Every address must be https. */
export function customCloud(settings: CustomCloud): Cloud | CloudProblem {
  for (const setting of ['resourceManager', 'authority', 'audience', 'logAnalytics', 'portal'] as const) {
    const value = settings[setting].trim();
    const required = setting === 'resourceManager' || setting === 'authority';
    const why = value === '' ? (required ? 'missing' : undefined) : addressProblem(value, setting === 'audience');
    if (why) return { setting, why, value };
  }
  const suffix = settings.keyVaultSuffix.trim().toLowerCase();
  // A suffix of one label would let tokens out to a whole top-level domain.
  if (suffix !== '' && !/^\.?(?:[a-z0-9-]+\.)+[a-z0-9-]+$/.test(suffix))
    return { setting: 'keyVaultSuffix', why: 'notSuffix', value: settings.keyVaultSuffix };
  const arm = address(settings.resourceManager);
  return {
    name: 'custom',
    arm,
    armScope: `${settings.audience.trim() || arm}/.default`,
    authority: address(settings.authority),
    authorityAliases: [],
    logs: address(settings.logAnalytics) || null,
    keyVaultSuffix: suffix === '' ? null : `.${suffix.replace(/^\./, '')}`,
    portal: address(settings.portal) || null,
  };
}

export function isCloud(value: Cloud | CloudProblem): value is Cloud {
  return 'arm' in value;
}

function addressProblem(text: string, audience: boolean): CloudProblem['why'] | undefined {
  // An audience is an identifier that is compared letter by letter and never connected to.
  if (audience && /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) && !/^https?:/i.test(text)) return undefined;
  const url = URL.parse(text);
  if (!url || url.hostname === '') return 'notAddress';
  if (url.protocol !== 'https:') return 'notHttps';
  return url.username !== '' || url.password !== '' ? 'credentials' : undefined;
}

/** Without trailing slash, query and fragment. */
function address(text: string): string {
  const url = URL.parse(text.trim());
  return url ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : '';
}

/** The only origins to which secrets and tokens for Entra ID may go. */
export function authorityOrigins(cloud: Cloud): string[] {
  return [cloud.authority, ...cloud.authorityAliases].map((url) => new URL(url).origin);
}

/** The scope of tokens for queries of logs at this address. */
export function logsScope(endpoint: string): string {
  return `${endpoint}/.default`;
}

/** The portal's page of a resource; empty where the cloud names no portal. */
export function portalUrl(cloud: Cloud, tenantId: string, resourceId: string): string {
  return cloud.portal === null ? '' : `${cloud.portal}/#@${encodeURIComponent(tenantId)}/resource${resourceId}`;
}
