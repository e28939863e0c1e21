// Names and strength of everything that a survey holds by its code point: the large tables, loaded with the first report.

import { groupName, signatureName } from './registryNames.ts';
import { suiteName } from './suiteNames.ts';
import { suiteStrength, type Strength } from './suiteStrength.ts';

export interface ReportNames {
  readonly suite: (code: number) => string;
  readonly strength: (code: number) => Strength;
  readonly group: (code: number) => string;
  readonly signature: (code: number) => string;
}

export const reportNames: ReportNames = {
  suite: suiteName,
  strength: suiteStrength,
  group: groupName,
  signature: signatureName,
};
