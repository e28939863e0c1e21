// Names that an authority may issue certificates for, and those that it may not (RFC 5280, 4.2.1.10).

import { Malformed } from './bytes.ts';
import { derTag, expectTag, readDerList, readName, readOnly, type DerValue, type NameAttribute } from './der.ts';

/** Names by their kind; other kinds, such as those of e-mail, are left out. */
export interface GeneralNames {
  readonly dns: readonly string[];
  /** Four or sixteen bytes; in constraints as many again for the mask. */
  readonly addresses: readonly Buffer[];
  readonly directories: readonly (readonly NameAttribute[])[];
}

export interface NameConstraints {
  readonly permitted: GeneralNames;
  readonly excluded: GeneralNames;
}

/** What is held against the constraints of every authority above. */
export interface ConstrainedNames {
  readonly names: GeneralNames;
  readonly subject: readonly NameAttribute[];
  /** A host that stands in for alternative names, null where there is none. */
  readonly commonName: string | null;
}

/** Values of the type GeneralName. Throws `Malformed`. */
export function readGeneralNames(values: readonly DerValue[]): GeneralNames {
  const of = (tag: number): readonly Buffer[] => values.filter((value) => value.tag === tag).map(({ body }) => body);
  return {
    dns: of(0x82).map((body) => body.toString('latin1').toLowerCase()),
    addresses: of(0x87),
    directories: of(0xa4).map(readName),
  };
}

/** The value of the extension. Throws `Malformed`. */
export function readNameConstraints(value: Buffer): NameConstraints {
  const parts = readDerList(readOnly(value, derTag.sequence).body);
  const subtrees = (tag: number): GeneralNames => {
    const list = parts.find((part) => part.tag === tag);
    return readGeneralNames(
      readDerList(list?.body ?? Buffer.alloc(0)).map((subtree) => {
        const [base] = readDerList(expectTag(subtree, derTag.sequence).body);
        if (!base) throw new Malformed('a name constraint is empty');
        return base;
      }),
    );
  };
  return { permitted: subtrees(0xa0), excluded: subtrees(0xa1) };
}

/** Each kind of name has to be within what is permitted of its kind, if anything is, and outside of what is excluded. */
export function allowsNames({ permitted, excluded }: NameConstraints, held: ConstrainedNames): boolean {
  const dns = held.names.dns.length === 0 && isHost(held.commonName) ? [held.commonName] : held.names.dns;
  const subjects = held.subject.length > 0 ? [held.subject] : [];
  return (
    fits(dns, permitted.dns, excluded.dns, isWithinDomain) &&
    fits(held.names.addresses, permitted.addresses, excluded.addresses, isWithinRange) &&
    fits([...subjects, ...held.names.directories], permitted.directories, excluded.directories, isWithinDirectory)
  );
}

function fits<T>(
  names: readonly T[],
  permitted: readonly T[],
  excluded: readonly T[],
  isWithin: (name: T, constraint: T) => boolean,
): boolean {
  return names.every((name) => {
    const isPermitted = permitted.length === 0 || permitted.some((constraint) => isWithin(name, constraint));
    return isPermitted && !excluded.some((constraint) => isWithin(name, constraint));
  });
}

/** A common name is taken for a host only where it looks like one. */
function isHost(name: string | null): name is string {
  return name !== null && /^[a-z0-9_*](?:[a-z0-9_-]*)(?:\.[a-z0-9_-]+)+$/i.test(name);
}

/** The domain itself and what is below it; with a dot in front only what is below. */
function isWithinDomain(name: string, constraint: string): boolean {
  const host = name.toLowerCase();
  if (constraint === '' || host === constraint) return true;
  return host.endsWith(constraint.startsWith('.') ? constraint : `.${constraint}`);
}

function isWithinRange(address: Buffer, range: Buffer): boolean {
  const { length } = address;
  if (range.length !== 2 * length) return false;
  return address.every((byte, at) => ((byte ^ (range[at] ?? 0)) & (range[length + at] ?? 0)) === 0);
}

function isWithinDirectory(name: readonly NameAttribute[], constraint: readonly NameAttribute[]): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
  return constraint.every(({ type, value }, at) => name[at]?.type === type && plain(name[at].value) === plain(value));
}
