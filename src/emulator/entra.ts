// Entra ID for the emulator: the endpoints that sign-in libraries ask, and tokens for one application.
// Shapes and error codes: Microsoft identity platform, "OAuth 2.0 client credentials flow" and "AADSTS error codes".

import { randomBytes, randomUUID } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { resourceOf, tokenGate, writeToken } from './accessTokens.ts';
import type { Gate } from './account.ts';
import { jsonAnswer } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { isSignedBy } from './clientAssertion.ts';
import type { SampleTenant } from './model.ts';

export interface Application {
  readonly clientId: string;
  readonly secret: string;
  /** With an RSA key; any of them may sign an assertion. */
  readonly certificates: readonly X509Certificate[];
}

export interface EntraOptions {
  readonly tenants: readonly SampleTenant[];
  /** Known in every tenant. */
  readonly application: Application;
  /** Scheme, host and port of these endpoints. */
  readonly authority: string;
  /** For what tokens are given: scopes without `/.default`, without trailing slash. */
  readonly resources: readonly string[];
  readonly tokenSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Entra {
  readonly handle: (request: ArmRequest) => ArmAnswer;
  /** Takes tokens of this Entra ID for one of these resources. */
  readonly gateOf: (resources: readonly string[]) => Gate;
}

export function createEntra(options: EntraOptions): Entra {
  const key = randomBytes(32);
  return {
    handle: (request) => route(options, key, request),
    gateOf: (resources) => tokenGate({ key, resources, authority: options.authority, now: options.now }),
  };
}

function route(options: EntraOptions, key: Buffer, request: ArmRequest): ArmAnswer {
  const { pathname, searchParams } = new URL(request.url);
  const [, first = '', ...rest] = pathname.split('/');
  const below = rest.join('/').toLowerCase();
  if (below === 'discovery/instance') return onlyGet(request) ?? discovery(options, searchParams);
  const isConfiguration = /^(v2\.0\/)?\.well-known\/openid-configuration$/.test(below);
  if (!isConfiguration && below !== 'oauth2/v2.0/token')
    return problem(404, 'not_found', 0, `No endpoint ${pathname}.`);
  const tenant = tenantNamed(options, first);
  if (tenant === undefined) {
    const message = `Tenant '${first}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
    return problem(400, 'invalid_request', 90002, message);
  }
  if (isConfiguration) return onlyGet(request) ?? configuration(options.authority, tenant.id);
  if (request.method !== 'POST') return problem(405, 'invalid_request', 900561, 'The endpoint only accepts POST.');
  return giveToken(options, key, tenant, new URLSearchParams(request.body ?? ''));
}

function onlyGet({ method }: ArmRequest): ArmAnswer | undefined {
  return method === 'GET' ? undefined : problem(405, 'invalid_request', 900561, 'The endpoint only accepts GET.');
}

function tenantNamed({ tenants }: EntraOptions, name: string): SampleTenant | undefined {
  return tenants.find(({ id, domain }) => [id, domain].some((each) => each.toLowerCase() === name.toLowerCase()));
}

function configuration(authority: string, tenantId: string): ArmAnswer {
  const base = `${authority}/${tenantId}`;
  return jsonAnswer(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
  });
}

/** What MSAL asks before it trusts an authority that it does not know. */
function discovery({ authority, tenants }: EntraOptions, asked: URLSearchParams): ArmAnswer {
  const { host } = new URL(authority);
  const endpoint = asked.get('authorization_endpoint') ?? '';
  const named = URL.parse(endpoint)?.pathname.split('/')[1] ?? tenants[0]?.id ?? '';
  return jsonAnswer(200, {
    tenant_discovery_endpoint: `${authority}/${named}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

function giveToken(options: EntraOptions, key: Buffer, tenant: SampleTenant, form: URLSearchParams): ArmAnswer {
  const wrong = wrongGrant(form) ?? wrongApplication(options, tenant, form) ?? wrongScope(options, form);
  if (wrong !== undefined) return wrong;
  const { authority, application, tokenSeconds } = options;
  const issuedAt = Math.floor(options.now() / 1000);
  const token = writeToken(key, {
    aud: (form.get('scope') ?? '').replace(/\/\.default$/, ''),
    iss: `${authority}/${tenant.id}/v2.0`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + tokenSeconds,
    appid: application.clientId,
    idtyp: 'app',
    tid: tenant.id.toLowerCase(),
    uti: randomBytes(12).toString('base64url'),
  });
  const times = { expires_in: tokenSeconds, ext_expires_in: tokenSeconds };
  return jsonAnswer(200, { token_type: 'Bearer', ...times, access_token: token }, { 'cache-control': 'no-store' });
}

function wrongGrant(form: URLSearchParams): ArmAnswer | undefined {
  for (const name of ['grant_type', 'client_id', 'scope']) {
    if (form.has(name)) continue;
    const message = `The request body must contain the following parameter: '${name}'.`;
    return problem(400, 'invalid_request', 900144, message);
  }
  if (form.get('grant_type') === 'client_credentials') return undefined;
  const message = `The app requested an unsupported grant type '${form.get('grant_type')}'.`;
  return problem(400, 'unsupported_grant_type', 70003, message);
}

function wrongApplication(options: EntraOptions, tenant: SampleTenant, form: URLSearchParams): ArmAnswer | undefined {
  const { application, authority } = options;
  const clientId = form.get('client_id') ?? '';
  if (clientId.toLowerCase() !== application.clientId.toLowerCase()) {
    const message = `Application with identifier '${clientId}' was not found in the directory '${tenant.name}'.`;
    return problem(400, 'unauthorized_client', 700016, message);
  }
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (secret !== null) {
    if (secret === application.secret) return undefined;
    const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`;
    return problem(401, 'invalid_client', 7000215, message);
  }
  if (assertion === null) {
    const message = `The request body must contain the following parameter: 'client_assertion' or 'client_secret'.`;
    return problem(401, 'invalid_client', 7000218, message);
  }
  const audience = `${authority}/${tenant.id}/oauth2/v2.0/token`;
  const due = { clientId: application.clientId, audience, now: options.now() };
  if (application.certificates.some((certificate) => isSignedBy(certificate, assertion, due))) return undefined;
  return problem(401, 'invalid_client', 700027, 'Client assertion failed signature validation.');
}

function wrongScope({ resources }: EntraOptions, form: URLSearchParams): ArmAnswer | undefined {
  const scope = form.get('scope') ?? '';
  if (!/^\S+\/\.default$/.test(scope)) {
    const message = `The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`;
    return problem(400, 'invalid_scope', 70011, message);
  }
  const resource = scope.replace(/\/\.default$/, '');
  if (resources.includes(resourceOf(resource))) return undefined;
  const message = `The resource principal named ${resource} was not found in the tenant.`;
  return problem(400, 'invalid_resource', 500011, message);
}

/** The error answer of the token endpoint; ids are there for support. */
function problem(status: number, error: string, code: number, message: string): ArmAnswer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '');
  return jsonAnswer(status, {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  });
}
