// The tables that queries of the product ask, as they are documented.
import type { Schema } from './kusto.ts';

type Columns = Schema[string];

const typed = (type: string, names: string): Columns =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, type]));

/** learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs, of 27 July 2026. */
export const gatewayLogs: Columns = {
  ...typed('bool', 'IsMasterTrace IsRequestSuccess IsTraceAllowed IsTraceExpired IsTraceRequested'),
  ...typed('datetime', 'TimeGenerated Timestamp'),
  ...typed(
    'dynamic',
    'BackendRequestHeaders BackendResponseHeaders Errors RequestHeaders ResponseHeaders TraceRecords',
  ),
  ...typed('int', 'BackendResponseCode RequestSize ResponseCode ResponseSize'),
  ...typed('long', 'BackendTime CacheTime ClientTime LastErrorElapsed TotalTime'),
  ...typed('real', '_BilledSize'),
  ...typed(
    'string',
    `ApiId ApimSubscriptionId ApiRevision BackendId BackendMethod BackendProtocol BackendRequestBody BackendResponseBody
    BackendUrl Cache CallerIpAddress Category ClientProtocol ClientTlsVersion CorrelationId _IsBillable LastErrorMessage
    LastErrorReason LastErrorScope LastErrorSection LastErrorSource Method OperationId OperationName ProductId Region
    RequestBody _ResourceId ResponseBody SourceSystem _SubscriptionId TenantId Type Url UserId WorkspaceId`,
  ),
};

/**
 * What AzureDiagnostics has in every workspace, without the columns of other services
 * (learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics).
 */
export const azureDiagnostics: Columns = {
  TimeGenerated: 'datetime',
  DurationMs: 'long',
  ...typed(
    'string',
    `CallerIPAddress Category CorrelationId Level Message OperationName OperationVersion Resource ResourceGroup _ResourceId
    ResourceProvider ResourceType ResultDescription ResultSignature ResultType SourceSystem TenantId Type`,
  ),
};

/**
 * What gateway logs add to it where they are sent there. Not documented: as in templates that were exported from
 * workspaces and are public.
 */
export const azureDiagnosticsOfGateways: Columns = {
  ...azureDiagnostics,
  isRequestSuccess_b: 'bool',
  ...typed(
    'real',
    'backendResponseCode_d backendTime_d clientTime_d lastError_elapsed_d responseCode_d responseSize_d',
  ),
  ...typed(
    'string',
    `apiId_s apiRevision_s apimSubscriptionId_s backendId_s backendMethod_s backendProtocol_s backendUrl_s cache_s
    clientProtocol_s clientTlsVersion_s errors_s lastError_message_s lastError_reason_s lastError_section_s
    lastError_source_s method_s operationId_s url_s`,
  ),
};

/**
 * learn.microsoft.com/azure/governance/resource-graph/concepts/query-language, and the columns that Resource Graph gives
 * for a query without a projection.
 */
const resources: Columns = {
  ...typed('string', 'id name type tenantId kind location resourceGroup subscriptionId managedBy'),
  ...typed('dynamic', 'sku plan properties tags identity zones extendedLocation'),
};

export const resourceGraph: Schema = { resources, resourcecontainers: resources };

/** Operators of tables that Resource Graph supports, by the same page. */
export const resourceGraphOperators: readonly string[] =
  'count distinct extend join limit mv-expand order parse project project-away sort summarize take top union where'.split(
    ' ',
  );
