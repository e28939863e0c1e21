// The last step of every request of ours: to named hosts only, over TLS 1.2 or later, on the connections of VS Code.

import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';

/**
 * An HTTP client whose requests reach the given origins and no other. Everything else of TLS is the platform's choice.
 *
 * VS Code replaces `request` of node:https in the extension host by one that follows its settings `http.*` (proxy,
 * noProxy, proxySupport, systemCertificates) and the environment (@vscode/proxy-agent). With `"http.proxySupport": "on"`
 * it leaves requests alone that bring an agent of their own; the SDK would bring one, from its pool or, where
 * HTTPS_PROXY is set, for that proxy. So ours bring none. Certificates are always verified: a token is at stake.
 */
export function secureClient(origins: readonly string[], over: HttpClient = createDefaultHttpClient()): HttpClient {
  const named = new Set(origins.map((url) => new URL(url).origin));
  return {
    sendRequest: async (request) => {
      const url = new URL(request.url);
      if (url.protocol !== 'https:' || !named.has(url.origin)) {
        throw new ArmError({
          code: 'malformed',
          serviceMessage: `The service named an address at another host (${url.host}).`,
        });
      }
      return over.sendRequest(onPlatformConnection(request));
    },
  };
}

function onPlatformConnection(request: PipelineRequest): PipelineRequest {
  delete request.agent;
  request.requestOverrides = { ...request.requestOverrides, agent: undefined, minVersion: 'TLSv1.2' };
  return request;
}
