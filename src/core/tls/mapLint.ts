// What the map to be written leads to, whatever its settings mean: names that disagree, keys that are left out, keys that
// other tools would drop.

import type { PlanFinding } from '../finding.ts';
import type { CustomProperties } from '../instance.ts';
import { protocolFacts, suiteFacts } from './catalog.ts';
import { keyPrefix, readBoolean, shortKey, textOf } from './customProperties.ts';
import type { KeyDifference } from './customProperties.ts';
import { settingOfKey } from './settings.ts';
import type { Setting } from './settings.ts';

export function lintMap(map: CustomProperties, keyChanges: readonly KeyDifference[]): PlanFinding[] {
  return [...disagreeing(map), ...resets(map, keyChanges), ...droppedByOthers(map), ...keptKeys(map)];
}

/** One setting, said on and off: under two names (3DES) or in two cases. Which of them the service obeys is not known. */
function disagreeing(map: CustomProperties): PlanFinding[] {
  const spelled = Map.groupBy(Object.entries(map), ([key]) => settingOfKey(key)?.id);
  return [...spelled].flatMap(([id, entries]) => {
    const said = entries.map(([, text]) => readBoolean(text));
    if (id === undefined || !said.includes(true) || !said.includes(false)) return [];
    return [{ severity: 'warning', code: 'spellingsDisagree', id, names: entries.map(([key]) => shortKey(key)) }];
  });
}

/** Keys that are left out, so that the service takes them back to their defaults. */
function resets(map: CustomProperties, keyChanges: readonly KeyDifference[]): PlanFinding[] {
  const left = keyChanges.filter(({ after }) => after === null).map(({ key }) => key);
  // A setting that is still said under another name is not reset.
  const gone = (setting: Setting) => setting.keys.every((key) => textOf(map, key) === null);
  const settings = new Set(left.flatMap((key) => settingOfKey(key) ?? []).filter(gone));
  const keys = left.filter((key) => settingOfKey(key) === undefined).map(shortKey);
  if (settings.size + keys.length === 0) return [];
  return [{ severity: 'note', code: 'resetByService', ids: [...settings].map(({ id }) => id), keys }];
}

const terraformKeys = new Set(
  [
    ...protocolFacts.flatMap(({ key, terraform }) => (key === null || terraform === 'never' ? [] : [key])),
    ...suiteFacts.flatMap(({ terraform }) => (terraform === null ? [] : [`Security.Ciphers.${terraform}`])),
  ].map((key) => `${keyPrefix}${key}`.toLowerCase()),
);
const protocolsKeys = protocolFacts.flatMap(({ key, terraform }) => (terraform === 'protocols' && key ? [key] : []));

/** Keys that Terraform's provider does not write, as they are in the map to be written: it writes a map of its own. */
function droppedByOthers(map: CustomProperties): PlanFinding[] {
  const keys = Object.keys(map).filter((key) => !terraformKeys.has(key.toLowerCase()));
  // Off is their default: whoever drops that loses nothing.
  const maybe = protocolsKeys.filter((key) => readBoolean(textOf(map, `${keyPrefix}${key}`) ?? '') === true);
  if (keys.length + maybe.length === 0) return [];
  return [{ severity: 'note', code: 'droppedByOthers', keys: keys.map(shortKey), withoutProtocols: maybe }];
}

function keptKeys(map: CustomProperties): PlanFinding[] {
  const count = Object.keys(map).filter((key) => settingOfKey(key) === undefined).length;
  return count === 0 ? [] : [{ severity: 'note', code: 'unknownKeysKept', count }];
}
