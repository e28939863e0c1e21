// The request by which a map would be written, as people are shown it.

import type { Cloud } from './clouds.ts';

/** The default of @azure/arm-apimanagement 10.0.0, which sends it. */
export const serviceApiVersion = '2024-05-01';

export function updateRequest(
  { arm }: Pick<Cloud, 'arm'>,
  id: string,
): { readonly method: string; readonly url: string } {
  return { method: 'PATCH', url: `${arm}${id}?api-version=${serviceApiVersion}` };
}
