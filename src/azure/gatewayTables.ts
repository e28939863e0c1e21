// The two tables of gateway logs, read as one: how every query of them begins. In the Kusto query language.

import { ArmError } from '../core/failure.ts';

/** A diagnostic setting sends to the first, or, where it is an older one, to the second. */
const gatewayTable = 'ApiManagementGatewayLogs';
const legacyTable = 'AzureDiagnostics';

/** What queries call a column -> its name in the first table (Azure Monitor, tables) and in the second, see `legacyText`. */
const columns = {
  Version: ['ClientTlsVersion', legacyText('clientTlsVersion')],
  Api: ['ApiId', legacyText('apiId')],
  Operation: ['OperationId', legacyText('operationId')],
  Url: ['Url', legacyText('url')],
  Caller: ['CallerIpAddress', `coalesce(${ifExists('CallerIPAddress')}, ${legacyText('callerIpAddress')})`],
  Address: ['BackendUrl', legacyText('backendUrl')],
  Method: ['BackendMethod', legacyText('backendMethod')],
  Code: ['BackendResponseCode', legacyInt('backendResponseCode')],
  Reason: ['LastErrorReason', legacyText('lastError_reason')],
  Message: ['LastErrorMessage', legacyText('lastError_message')],
} as const;

export type LogColumn = keyof typeof columns;

/**
 * The statement that makes `logs`: the rows of an instance, with TimeGenerated and the named columns, from both tables. One
 * that is not there is left out (isfuzzy).
 * @param when the condition on TimeGenerated
 */
export function gatewayLogs(instanceId: string, when: string, names: readonly LogColumn[]): string {
  const within = `${when} and _ResourceId =~ ${literal(instanceId)}`;
  const project = (table: 0 | 1) =>
    ['TimeGenerated', ...names.map((name) => `${name} = ${columns[name][table]}`)].join(',\n      ');
  return [
    'let logs = union isfuzzy=true',
    `  (${gatewayTable} | where ${within}`,
    `    | project ${project(0)}),`,
    `  (${legacyTable} | where ${within} and Category == 'GatewayLogs'`,
    `    | extend Bag = todynamic(${ifExists('AdditionalFields')})`,
    `    | project ${project(1)});`,
  ].join('\n');
}

/**
 * Columns of AzureDiagnostics come about when something is written to them: with _s for texts, _g for those that are GUIDs.
 * Where the table has 500 columns, the rest is in the bag AdditionalFields (Azure Monitor, AzureDiagnostics); whether with or
 * without the ending is not confirmed, so both are read.
 */
function legacyText(name: string): string {
  const guid = `tostring(${ifExists(`${name}_g`, 'guid(null)')})`;
  return `coalesce(${ifExists(`${name}_s`)}, ${guid}, tostring(Bag.${name}), tostring(Bag.${name}_s))`;
}

function legacyInt(name: string): string {
  return `coalesce(toint(${ifExists(`${name}_d`, 'real(null)')}), toint(Bag.${name}), toint(Bag.${name}_d))`;
}

function ifExists(name: string, none = "''"): string {
  return `column_ifexists('${name}', ${none})`;
}

/**
 * A text as a literal. Rejects what no resource id has in it; names of resource groups have letters and digits of any
 * script.
 */
function literal(text: string): string {
  if (!/^[\p{L}\p{M}\p{N}\p{Pc}\-./() ]+$/u.test(text))
    throw new ArmError({ code: 'notFound', serviceMessage: 'The id of the instance has characters that no id has.' });
  return `'${text}'`;
}
