// Kusto's own parser and analysis of queries (@kusto/language-service-next), in a realm of its own: it writes to globals.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, Script } from 'node:vm';

/** The part of the library that is used here. It is translated from C#: its lists are no arrays. */
interface List<Item> {
  readonly Count: number;
  getItem(index: number): Item;
}
interface Node {
  readonly Kind: number;
  readonly TextStart: number;
  readonly End: number;
  readonly ChildCount: number;
  readonly LiteralValue?: unknown;
  GetChild(index: number): Node | null;
}
type NodeType = new (...none: never) => Node;
interface Code {
  readonly Syntax: Node;
  readonly ResultType: {
    readonly Columns?: List<{ readonly Name: string; readonly Type: { readonly Name: string } }>;
  } | null;
  GetDiagnostics(): List<
    Readonly<Record<'Code' | 'Severity' | 'Message', string> & Record<'Start' | 'Length', number>>
  >;
}
interface Language {
  readonly KustoCode: { Parse(text: string): Code; ParseAndAnalyze(text: string, globals: object): Code };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string, description: null) => object };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: readonly object[]) => object };
  };
  readonly Syntax: Readonly<Record<'LiteralExpression' | 'QueryOperator' | 'UnionOperator', NodeType>>;
}

/** Name of a table -> its columns: name -> type. */
export type Schema = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Diagnostic {
  /** Of Kusto, as "KS142". */
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  /** The part of the query that it is about. */
  readonly about: string;
}

export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Parse {
  /** Kinds of all nodes and words, depth first, but not what texts hold: what the query does, whatever it is asked for. */
  readonly shape: readonly string[];
  /** Values of the texts, in their order. */
  readonly texts: readonly string[];
  /** The first words of the operators of tables: "where", "summarize". */
  readonly operators: readonly string[];
  /** For each union the places of its operands. */
  readonly unions: readonly (readonly Place[])[];
}

export interface Analysis extends Parse {
  readonly diagnostics: readonly Diagnostic[];
  /** Of the answer: name -> type. */
  readonly columns: Readonly<Record<string, string>>;
}

/** About 5 MB of scripts, in 0.2 s. */
function load(): Language {
  const { resolve } = createRequire(import.meta.url);
  const realm = createContext({});
  for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
    const path = resolve(`@kusto/language-service-next/${file}`);
    new Script(readFileSync(path, 'utf8'), { filename: path }).runInContext(realm);
  }
  return (realm as { readonly Kusto: { readonly Language: Language } }).Kusto.Language;
}

const language = load();

function items<Item>(list: List<Item> | undefined): Item[] {
  return Array.from({ length: list?.Count ?? 0 }, (_, index) => (list as List<Item>).getItem(index));
}

function childrenOf(node: Node): Node[] {
  return Array.from({ length: node.ChildCount }, (_, index) => node.GetChild(index)).filter((child) => child !== null);
}

/** Making them takes as long as a fifth of an analysis. */
const known = new WeakMap<Schema, object>();

function globalsOf(schema: Schema): object {
  const { GlobalState, Symbols } = language;
  const made = known.get(schema);
  if (made) return made;
  const tables = Object.entries(schema).map(([name, columns]) => {
    const list = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`);
    return new Symbols.TableSymbol.$ctor7(name, `(${list.join(', ')})`, null);
  });
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', tables));
  known.set(schema, globals);
  return globals;
}

/** The query by its grammar alone: about three times as fast. */
export function parse(query: string): Parse {
  return walk(language.KustoCode.Parse(query).Syntax, query);
}

/** What Kusto says of a query where the database has these tables and no others. */
export function analyse(query: string, schema: Schema): Analysis {
  const code = language.KustoCode.ParseAndAnalyze(query, globalsOf(schema));
  return {
    diagnostics: items(code.GetDiagnostics()).map(({ Code, Severity, Message, Start, Length }) => {
      return { code: Code, severity: Severity, message: Message, about: query.slice(Start, Start + Length) };
    }),
    columns: Object.fromEntries(items(code.ResultType?.Columns).map(({ Name, Type }) => [Name, Type.Name])),
    ...walk(code.Syntax, query),
  };
}

function walk(root: Node, query: string): Parse {
  const { LiteralExpression, QueryOperator, UnionOperator } = language.Syntax;
  const found = { shape: [] as string[], texts: [] as string[], operators: [] as string[], unions: [] as Place[][] };
  const visit = (node: Node): void => {
    const children = childrenOf(node);
    const text = query.slice(node.TextStart, node.End);
    if (node instanceof LiteralExpression && typeof node.LiteralValue === 'string') {
      found.texts.push(node.LiteralValue);
      found.shape.push('text');
      return;
    }
    found.shape.push(children.length === 0 ? text : String(node.Kind));
    if (node instanceof QueryOperator) found.operators.push(/^[\w-]*/.exec(text)?.[0] ?? '');
    // Behind the word and its parameters.
    if (node instanceof UnionOperator)
      found.unions.push(childrenOf(children[2] as Node).map(({ TextStart, End }) => ({ start: TextStart, end: End })));
    children.forEach(visit);
  };
  visit(root);
  return found;
}

/** The query as a fuzzy union makes it where there is no such table: without the operands that begin with it. */
export function withoutTable(query: string, table: string, { unions }: Parse): string {
  return unions.toReversed().reduce((text, operands) => {
    const own = operands.map(({ start, end }) => query.slice(start, end).replace(/,\s*$/, ''));
    const kept = own.filter((operand) => !operand.startsWith(`(${table} `));
    const [first, last] = [operands[0], operands.at(-1)];
    if (first === undefined || last === undefined || kept.length === own.length) return text;
    return text.slice(0, first.start) + kept.join(', ') + text.slice(last.end);
  }, query);
}
