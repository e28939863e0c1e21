// Paths that were requested of a backend, and those that could not be, in words.

import * as l10n from '@vscode/l10n';
import type { PathDoubt } from '../backendRequests.ts';
import { namesText } from '../wording.ts';
import type { Survey } from './evidence.ts';
import { asksAfterRequest, isCut, sightingOf } from './paths.ts';
import type { AskedLater } from './paths.ts';

/** Paths for people; of one that was cut it says so. */
export function pathsText({ paths, cut = [] }: Pick<AskedLater, 'paths' | 'cut'>): string {
  const named = paths.map((path) => (cut.includes(path) ? l10n.t('{0} up to the first parameter', path) : path));
  return namesText(named, 3);
}

/** What requests for paths met, and which were not sent; empty where there is nothing to tell. */
export function requestedPathsText(survey: Survey): string {
  return [metText(survey), unknownPathsText(survey)].filter((text) => text !== '').join('; ');
}

function metText(survey: Survey): string {
  const later = asksAfterRequest(survey);
  if (later.asks === 'seen')
    return later.paths.length === 0
      ? l10n.t('Asks for a client certificate after the request')
      : l10n.t('Asks for a client certificate after a request for {0}', pathsText(later));
  const { paths = [] } = survey.clientCertificate;
  if (paths.length === 0) return '';
  const cut = paths.filter(({ source }) => isCut(source)).length;
  const open = paths.filter((path) => sightingOf(path) === 'unknown').length;
  const count = paths.length;
  return [
    count === 1 ? l10n.t('1 more path requested') : l10n.t('{0} more paths requested', count),
    ...(cut === 0
      ? []
      : [count === 1 ? l10n.t('up to the first parameter') : l10n.t('{0} of them up to the first parameter', cut)]),
    open === 0
      ? l10n.t('no client certificate asked for')
      : open === count
        ? l10n.t('whether a client certificate is asked for is not known')
        : l10n.t('of {0} of them it is not known whether a client certificate is asked for', open),
  ].join(', ');
}

function unknownPathsText({ clientCertificate: { unknownPaths } }: Survey): string {
  if (unknownPaths === undefined) return '';
  const { total, instance } = unknownPaths;
  return total === 1
    ? l10n.t('1 operation of {0} not requested, path not known', instance)
    : l10n.t('{0} operations of {1} not requested, paths not known', total, instance);
}

export function pathDoubtText(why: PathDoubt): string {
  switch (why) {
    case 'expression':
      return l10n.t('a policy expression makes the path');
    case 'condition':
      return l10n.t('a policy rewrites the path of some requests');
    case 'namedValue':
      return l10n.t('a named value that cannot be read is in the path');
    case 'unread':
      return l10n.t('a policy that was not read may rewrite the path');
  }
}
