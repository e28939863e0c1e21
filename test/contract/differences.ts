// Where the product, or the service as it was seen, deliberately differs from Microsoft's descriptions, and why.

export interface Difference {
  /** Matches the operation: method and path as described. */
  readonly operation: RegExp;
  readonly side: 'request' | 'answer';
  /** Matches what is wrong. */
  readonly text: RegExp;
  readonly reason: string;
}

const update = /^PATCH .*\/service\/\{serviceName\}$/;

/** Besides: what need not be in an answer may be null in it, as the service writes it in Microsoft's own examples. */
export const differences: readonly Difference[] = [
  {
    operation: /^GET \/(tenants|subscriptions)$/,
    side: 'request',
    text: /^not described/,
    reason:
      'Tenants and subscriptions are described in Microsoft.Resources/subscriptions, which the folder does not hold.',
  },
  {
    operation: /^GET .*\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/,
    side: 'request',
    text: /^not described/,
    reason: 'Of Microsoft.OperationalInsights the folder holds the queries only, and not the workspaces themselves.',
  },
  {
    operation: /^POST \/v1\/workspaces\/\{workspaceId\}\/query$/,
    side: 'answer',
    text: /\/rows\/\d+\/\d+ must be object$/,
    reason: 'Log Analytics: cells are texts and numbers, as its examples show; the schema says object.',
  },
  {
    operation: /^POST \/v1\/workspaces\/\{workspaceId\}\/query$/,
    side: 'answer',
    text: /\/error\/details\/\d+ must NOT have additional properties: innererror$/,
    reason:
      'Log Analytics: the details of a partial error were seen with innererror, which the description does not have.',
  },
  {
    operation: /Microsoft\.Insights\/diagnosticSettings$/,
    side: 'answer',
    text: /body must NOT have additional properties: error$/,
    reason: 'A refusal by Azure Resource Manager itself has its own shape, whatever a resource provider describes.',
  },
  {
    operation: /operationresults\/\{\}$/,
    side: 'request',
    text: /^not described/,
    reason:
      'The address of a running operation is taken as the service names it. It was recorded below the instance; the description has it below a region.',
  },
  {
    operation: /Microsoft\.ResourceGraph\/resources$/,
    side: 'answer',
    text: /\/data must be object$/,
    reason:
      'Resource Graph: with resultFormat objectArray, data is a list, as its examples show; the schema says object.',
  },
  {
    operation: /Microsoft\.ApiManagement/,
    side: 'answer',
    text: /\/error must NOT have additional properties: innerError$/,
    reason: 'Errors of API Management were recorded with innerError: null, which the description does not have.',
  },
  {
    operation: /\/service(\/\{serviceName\})?$/,
    side: 'answer',
    text: /\/sku\/name must be equal to one of the allowed values$/,
    reason: 'Tier PremiumV2: later than the description. Tiers that are not known are shown as they are.',
  },
  {
    operation: /\/backends$/,
    side: 'answer',
    text: /\/properties must have required property '(url|protocol)'$/,
    reason: 'A backend pool has neither address nor protocol; the description demands both of every backend.',
  },
  {
    operation: update,
    side: 'request',
    text: /Gateway\.Security\.(Backend\.)?Protocols\.Tls13 /,
    reason: 'TLS 1.3: the keys are documented for the portal and for Terraform, later than the description.',
  },
  {
    operation: update,
    side: 'request',
    text: /Gateway\.Security\.(Backend\.)?Protocols\.Ssl30 /,
    reason: 'SSL 3.0: the service states both keys itself in every answer; the description names neither.',
  },
  {
    operation: update,
    side: 'request',
    text: /Ciphers\.TLS_RSA_WITH_AES_256_GCM_SHA384 /,
    reason: 'TLS_RSA_WITH_AES_256_GCM_SHA384: the portal offers it; the description leaves it out.',
  },
  {
    operation: update,
    side: 'request',
    text: /Ciphers\.TLS_ECDHE_(RSA|ECDSA)_WITH_AES_(128_CBC_SHA256|256_CBC_SHA384) /,
    reason: 'Four CBC suites that the description calls fixed, and that the portal can switch off.',
  },
  {
    operation: update,
    side: 'request',
    text: /Gateway\.(ManagedIdentity\.DisableOverPrivilegedAccess|Preview\.RequestCoalescing) /,
    reason: 'Keys that the product does not know are written back as they came, so that no change loses them.',
  },
];
