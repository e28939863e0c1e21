// Requests of a page are validated before a handler sees them.

import * as v from 'valibot';

/** Checks an argument by the schema of its request. Throws a sentence that names the request. */
export function validatorOf(schemas: Readonly<Record<string, v.GenericSchema>>) {
  return (name: string, argument: unknown): unknown => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (!schema) throw new Error(`Unknown request "${name}".`);
    const parsed = v.safeParse(schema, argument);
    if (!parsed.success) throw new Error(`The request "${name}" came in a wrong shape and was refused.`);
    return parsed.output;
  };
}
