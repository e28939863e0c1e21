// Points in time in the language of VS Code.

import { env } from 'vscode';
import { agoText, momentText } from '../core/time.ts';

/** "3 days ago". */
export function agoHere(iso: string): string {
  return agoText(iso, Date.now(), env.language);
}

/** Date and time of day, local. */
export function momentHere(iso: string): string {
  return momentText(iso, env.language);
}
