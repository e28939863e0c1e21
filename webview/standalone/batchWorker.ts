// The made-up panel of several instances in a thread of its own, as a real one is: what it works is not the page's.

import { batchScenarios, createFakeBatch } from './fakeBatch.ts';

/** Of a worker's global scope, what is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  readonly location: { readonly search: string };
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as Scope;
const query = new URLSearchParams(scope.location.search);
const scenario = batchScenarios.find((known) => known === query.get('scenario')) ?? 'planned';
const host = createFakeBatch(scenario, Number(query.get('probe') ?? 100), (message) => scope.postMessage(message));
scope.onmessage = ({ data }) => host.receive(data);
