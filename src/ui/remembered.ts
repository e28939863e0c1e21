// What is remembered of signing in: the tenants and subscriptions that were chosen, and the secret of an application.

import type { Memento, SecretStorage } from 'vscode';
import type { Cloud } from '../azure/clouds.ts';
import type { Chosen } from '../azure/connection.ts';
import type { ServicePrincipal } from '../azure/identity.ts';
import { servicePrincipalSetting } from './config.ts';

function scopeKey(cloud: Cloud): string {
  return `chosen/${cloud.name === 'custom' ? cloud.arm : cloud.name}`;
}

const texts = (value: unknown): readonly string[] | null =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : null;

export function chosenScope(state: Memento, cloud: Cloud): Chosen {
  const kept = state.get<{ readonly tenants?: unknown; readonly subscriptions?: unknown }>(scopeKey(cloud));
  return { tenants: texts(kept?.tenants), subscriptions: texts(kept?.subscriptions) };
}

export async function rememberScope(state: Memento, cloud: Cloud, chosen: Chosen): Promise<void> {
  const everything = chosen.tenants === null && chosen.subscriptions === null;
  await state.update(scopeKey(cloud), everything ? undefined : chosen);
}

/** The secret is kept by VS Code in the keychain of the system, one for each application of each tenant. */
function secretKey({ tenantId, clientId }: Pick<ServicePrincipal, 'tenantId' | 'clientId'>): string {
  return `servicePrincipal/${tenantId.toLowerCase()}/${clientId.toLowerCase()}`;
}

/** The application of the settings with its secret, where one is stored. */
export async function readServicePrincipal(secrets: SecretStorage): Promise<ServicePrincipal> {
  const { certificatePath, ...application } = servicePrincipalSetting();
  if (certificatePath !== '') return { ...application, certificatePath };
  const secret = await secrets.get(secretKey(application));
  return { ...application, ...(secret ? { secret } : {}) };
}

export async function storeSecret(secrets: SecretStorage, secret: string): Promise<void> {
  await secrets.store(secretKey(servicePrincipalSetting()), secret);
}

export async function forgetSecret(secrets: SecretStorage): Promise<void> {
  await secrets.delete(secretKey(servicePrincipalSetting()));
}
