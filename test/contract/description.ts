// Microsoft's descriptions of the REST interfaces (OpenAPI 2) in a folder: their operations, and validators of their bodies.

import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

export type Json = Readonly<Record<string, unknown>>;

/** A value in one of the files: `$ref` in it is relative to that file. */
export interface Located {
  readonly file: string;
  readonly node: Json;
}

export interface Described {
  readonly method: string;
  /** As described, such as `/subscriptions/{subscriptionId}`. */
  readonly template: string;
  readonly version: string;
  readonly operation: Located;
  /** Parameters of operation and path, references followed only now: a folder may lack files of other operations. */
  readonly parameters: () => readonly Located[];
  readonly match: RegExp;
}

/** sent: what only the service may state is left out. given: what need not be there may be null instead. */
export type Side = 'sent' | 'given';

export interface Descriptions {
  readonly operations: readonly Described[];
  /** Files that are referred to and are not in the folder, as far as they were needed: anything is taken in their place. */
  readonly missing: ReadonlySet<string>;
  /** The operation of a request, by its path without query, and by the version that it names. */
  find(method: string, pathname: string, version: string): Described | undefined;
  follow(at: Located): Located;
  validator(schema: Located, side: Side): ValidateFunction;
}

/** In place of what is not in the folder. */
const absent: Json = {};

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export function readDescriptions(folder: string): Descriptions {
  const files = new Map<string, Json>();
  const missing = new Set<string>();
  const read = (file: string): Json => {
    const known = files.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as Json);
    files.set(file, known);
    return known;
  };
  const follow = (at: Located): Located => {
    const reference = at.node['$ref'];
    if (typeof reference !== 'string') return at;
    const [target = '', pointer = ''] = reference.split('#');
    const file = target === '' ? at.file : path.resolve(path.dirname(at.file), target);
    if (!files.has(file) && !existsSync(file)) {
      missing.add(path.relative(folder, file));
      return { file, node: absent };
    }
    return follow({ file, node: pointed(read(file), pointer, reference) });
  };
  const operations = globSync('**/*.json', { cwd: folder, exclude: ['**/examples/**'] })
    .map((file) => path.resolve(folder, file))
    .flatMap((file) => operationsOf(file, read(file), follow));
  const validators = new Map<string, ValidateFunction>();
  return {
    operations,
    missing,
    follow,
    find: (method, pathname, version) =>
      operations.find((one) => one.method === method && one.version === version && one.match.test(pathname)),
    validator: (schema, side) => {
      const key = `${side} ${schema.file} ${JSON.stringify(schema.node)}`;
      const made = validators.get(key) ?? compile(schema, side, follow);
      validators.set(key, made);
      return made;
    },
  };
}

function pointed(root: Json, pointer: string, reference: string): Json {
  const names = pointer.split('/').slice(1);
  const found = names.reduce<unknown>(
    (node, name) => recordOf(node)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
    root,
  );
  if (!isRecord(found)) throw new Error(`The reference ${reference} leads nowhere.`);
  return found;
}

function operationsOf(file: string, root: Json, follow: (at: Located) => Located): readonly Described[] {
  const version = String(recordOf(root['info'])['version']);
  const stated = root['basePath'];
  const base = typeof stated === 'string' ? stated.replace(/\/$/, '') : '';
  return Object.entries(recordOf(root['paths'])).flatMap(([template, item]) =>
    Object.entries(recordOf(item)).flatMap(([method, operation]) => {
      if (!isRecord(operation)) return [];
      const parameters = [...listOf(recordOf(item)['parameters']), ...listOf(operation['parameters'])];
      const located = () => parameters.filter(isRecord).map((node) => follow({ file, node }));
      return {
        method: method.toUpperCase(),
        template: base + template,
        // With a version in its path, a service takes none as a parameter.
        version: /\/v\d+$/.test(base) ? '' : version,
        operation: { file, node: operation },
        parameters: located,
        match: matcher(base + template, wholePaths(parameters.map((node) => ownReference(root, node)))),
      };
    }),
  );
}

/** Names of parameters that stand for several segments of a path, such as the id of a resource. */
function wholePaths(parameters: readonly unknown[]): ReadonlySet<string> {
  const whole = parameters
    .map(recordOf)
    .filter((one) => one['in'] === 'path' && one['x-ms-skip-url-encoding'] === true);
  return new Set(whole.map(({ name }) => String(name)));
}

/** What a reference within the same file leads to; other files may not be there. */
function ownReference(root: Json, node: unknown): unknown {
  const reference = recordOf(node)['$ref'];
  return typeof reference === 'string' && reference.startsWith('#/')
    ? pointed(root, reference.slice(1), reference)
    : node;
}

/** Names in a path are compared without regard to case, as Azure Resource Manager does it. */
function matcher(template: string, whole: ReadonlySet<string>): RegExp {
  const text = template
    .replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${whole.has(name) ? '.+' : '[^/]+'})`)
    .replace(/^\//, '/+?');
  return new RegExp(`^${text}$`, 'i');
}

const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false });
addFormats(ajv);
// Kinds of text of Azure that JSON Schema does not know; none is checked.
for (const name of ['arm-id', 'decimal', 'base64url', 'date-time-rfc1123', 'char']) ajv.addFormat(name, true);

/** The schema as JSON Schema: inheritance laid flat, and closed, so that what is not described is found. */
function compile(root: Located, side: Side, follow: (at: Located) => Located): ValidateFunction {
  const names = new Map<Json, string>();
  const definitions: Record<string, object> = {};
  const convert = (at: Located): object => {
    if (typeof at.node['$ref'] !== 'string') return converted(at, side, follow, convert);
    const target = follow(at);
    const known = names.get(target.node);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const name = `d${names.size}`;
    names.set(target.node, name);
    definitions[name] = converted(target, side, follow, convert);
    return { $ref: `#/$defs/${name}` };
  };
  const schema = convert(root);
  return ajv.compile({ ...schema, $defs: definitions });
}

const plain = [
  'type',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
];

function converted(
  at: Located,
  side: Side,
  follow: (at: Located) => Located,
  convert: (at: Located) => object,
): object {
  const parts = ancestry(at, follow);
  const properties: Record<string, object> = {};
  const required = parts.flatMap(({ node }) => listOf(node['required'])).map(String);
  for (const { file, node } of parts) {
    for (const [name, property] of Object.entries(recordOf(node['properties']))) {
      if (!isRecord(property)) continue;
      const located = { file, node: property };
      const readOnly = property['readOnly'] === true || follow(located).node['readOnly'] === true;
      if (side === 'sent' && readOnly) continue;
      const schema = convert(located);
      properties[name] = side === 'given' && !required.includes(name) ? { anyOf: [{ type: 'null' }, schema] } : schema;
    }
  }
  const own = Object.fromEntries(plain.flatMap((name) => (name in at.node ? [[name, at.node[name]]] : [])));
  const items = recordOf(at.node['items']);
  const closed =
    Object.keys(properties).length > 0 && !parts.some(({ node }) => 'discriminator' in node || node === absent);
  const additional = parts.find(({ node }) => 'additionalProperties' in node);
  const rest = additional?.node['additionalProperties'];
  return {
    ...own,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required: required.filter((name) => name in properties || side === 'given') } : {}),
    ...(Object.keys(items).length > 0 ? { items: convert({ file: at.file, node: items }) } : {}),
    ...(additional && isRecord(rest)
      ? { additionalProperties: convert({ file: additional.file, node: rest }) }
      : rest === false || (rest === undefined && closed)
        ? { additionalProperties: false }
        : {}),
  };
}

/** The schema itself and everything that it inherits from. */
function ancestry(at: Located, follow: (at: Located) => Located): readonly Located[] {
  const parents = listOf(at.node['allOf']).filter(isRecord);
  return [at, ...parents.flatMap((node) => ancestry(follow({ file: at.file, node }), follow))];
}

/** What is wrong, in words: where and what. */
export function problemsOf(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  const told = (errors ?? [])
    // What an alternative with null has to say beside the real problem.
    .filter(({ keyword, params }) => keyword !== 'anyOf' && recordOf(params)['type'] !== 'null')
    .map(({ instancePath, message, params }) => {
      const name = recordOf(params)['additionalProperty'];
      return `${instancePath === '' ? 'body' : instancePath} ${message ?? ''}${typeof name === 'string' ? `: ${name}` : ''}`;
    });
  return [...new Set(told)];
}
