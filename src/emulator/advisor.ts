// Recommendations of Azure Advisor, as far as the product asks for them. Wire shape: Microsoft.Advisor 2023-01-01.

import { jsonAnswer } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import { gatewayHost, serviceId } from './model.ts';
import type { Estate } from './model.ts';

export const advisorPath = /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.Advisor\/recommendations$/i;

/** TlsRenegotiationBlocked. */
const renegotiationBlocked = 'b7316772-5c8f-421f-bed0-d86b0f128e25';

/** In which property Advisor states the host names is not documented: the sample makes one up. */
export function adviceAnswer(estate: Estate, subscriptionId: string, url: URL, now: number): ArmAnswer {
  const filter = url.searchParams.get('$filter') ?? '';
  const [, type = renegotiationBlocked] = /^RecommendationTypeGuid eq '([0-9a-f-]+)'$/i.exec(filter) ?? [];
  const advised = estate.services.filter(
    (service) => service.subscriptionId === subscriptionId && service.renegotiationBlocked !== undefined,
  );
  const value = advised.map((service, index) => {
    const id = serviceId(service);
    const name = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const hosts = service.renegotiationBlocked === 'named' ? (service.hosts ?? []).map(({ hostName }) => hostName) : [];
    return {
      id: `${id}/providers/Microsoft.Advisor/recommendations/${name}`,
      name,
      type: 'Microsoft.Advisor/recommendations',
      properties: {
        category: 'HighAvailability',
        impact: 'Medium',
        impactedField: 'Microsoft.ApiManagement/service',
        impactedValue: service.name,
        lastUpdated: new Date(now - 7 * 3_600_000).toISOString(),
        recommendationTypeId: renegotiationBlocked,
        shortDescription: {
          problem: 'SSL/TLS renegotiation blocked',
          solution: 'SSL/TLS renegotiation blocked',
        },
        extendedProperties:
          hosts.length === 0 ? {} : { hostnames: [gatewayHost(service), ...hosts].slice(1).join(', ') },
        resourceMetadata: { resourceId: id, singular: 'API Management service', plural: 'API Management services' },
      },
    };
  });
  return jsonAnswer(200, { value: type.toLowerCase() === renegotiationBlocked ? value : [] });
}
