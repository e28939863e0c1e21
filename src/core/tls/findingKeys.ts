// What a finding is about, to know it again in another plan.

import type { PlanFinding } from '../finding.ts';

/**
 * The hosts, versions, settings or other things that the finding is of; none where its code says it all. Counts, moments
 * and what was negotiated are left out: they make it no other finding.
 */
export function findingAbout(finding: PlanFinding): readonly string[] {
  const fields: Readonly<Record<string, unknown>> = { ...finding };
  const single = ['host', 'side', 'version', 'id', 'tier', 'state']
    .map((field) => fields[field])
    .filter((value) => typeof value === 'string');
  const many = [
    'hosts',
    'versions',
    'ids',
    'keys',
    'titles',
    'suites',
    'names',
    'findings',
    'missingIn',
    'maybeFor',
  ].flatMap((field) => {
    const value = fields[field];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  });
  const own = single.join(' ');
  return many.length === 0 ? (own === '' ? [] : [own]) : many.map((entry) => (own === '' ? entry : `${own} ${entry}`));
}
