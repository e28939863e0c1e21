// By which account, and which of its tenants, something of Azure is reached.

/** An account, by its place in the list of accounts, and one of its tenants; null: the one that is its home. */
export interface Via {
  readonly account: number;
  readonly tenantId: string | null;
}

/** The first account's tenants go by their ids alone. */
export function viaText({ account, tenantId }: Via): string {
  return account === 0 ? (tenantId ?? '') : `${account}/${tenantId ?? ''}`;
}

export function readVia(text: string | null): Via {
  const [, account = '0', tenantId = ''] = /^(?:(\d+)\/)?(.*)$/.exec(text ?? '') ?? [];
  return { account: Number(account), tenantId: tenantId === '' ? null : tenantId };
}
