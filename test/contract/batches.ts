// Requests that travelled in a batch, as if each had travelled by itself. The batch endpoint is in no description.

import { recordOf } from './description.ts';
import type { Exchange } from './exchange.ts';

interface Asked {
  readonly name: string;
  readonly httpMethod: string;
  readonly url: string;
  readonly requestHeaderDetails: Readonly<Record<string, string>>;
}

/** Turns an exchange into those that it stands for: a batch and the pages of its answer into what was in them. */
export function unpacker(): (exchange: Exchange) => readonly Exchange[] {
  const asked = new Map<string, Asked>();
  return (exchange) => {
    const url = new URL(exchange.url);
    if (!/^\/batch(\/|$)/.test(url.pathname)) return [exchange];
    const { requests = [] } = recordOf(parsed(exchange.requestBody)) as { readonly requests?: readonly Asked[] };
    for (const one of requests) asked.set(one.name, one);
    const { responses, value } = recordOf(parsed(exchange.body));
    const rows = Array.isArray(responses) ? responses : Array.isArray(value) ? value : [];
    return rows.flatMap((raw: unknown): Exchange[] => {
      const row = recordOf(raw);
      const one = asked.get(String(row['name']));
      if (one === undefined) return [];
      return [
        {
          method: one.httpMethod,
          url: new URL(one.url, url.origin).href,
          requestHeaders: { ...exchange.requestHeaders, ...one.requestHeaderDetails },
          requestBody: undefined,
          status: Number(row['httpStatusCode']),
          headers: recordOf(row['headers']) as Readonly<Record<string, string>>,
          body: row['content'] === null ? '' : JSON.stringify(row['content']),
        },
      ];
    });
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return {};
  }
}
