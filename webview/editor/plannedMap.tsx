// The exact map to be written, keys sorted, changed lines marked.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { keyPrefix, mapAsText, shortKey } from '../../src/core/tls/customProperties.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import { LinkButton } from '../parts.tsx';
import type { Act } from './app.tsx';

interface Line {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

export function PlannedMap({ plan, act }: { readonly plan: Plan; readonly act: Act }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="map" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{l10n.t('Map to be written ({0} keys)', Object.keys(plan.map).length)}</summary>
      {open && (
        <>
          <LinkButton onClick={() => act('copy', { text: mapAsText(plan.map) })}>{l10n.t('Copy as JSON')}</LinkButton>
          <p class="reason">{l10n.t('Keys are shown without “{0}”.', keyPrefix)}</p>
          <div class="map-text" tabIndex={0} role="region" aria-label={l10n.t('Map to be written')}>
            <ol>
              {mapLines(plan).map(({ sign, text }) => (
                <li key={sign + text} class={sign === '+' ? 'added' : sign === '-' ? 'removed' : undefined}>
                  <span class="sign" aria-hidden="true">
                    {sign}
                  </span>
                  {sign !== ' ' && <span class="hidden">{sign === '+' ? l10n.t('new:') : l10n.t('old:')}</span>}
                  <code>{text}</code>
                </li>
              ))}
            </ol>
          </div>
        </>
      )}
    </details>
  );
}

/** Old lines before new ones, by key; keys without the prefix that they share. */
export function mapLines({ map, base }: Plan): Line[] {
  const keys = [...new Set([...Object.keys(base.map), ...Object.keys(map)])].sort();
  return keys.flatMap((key): Line[] => {
    const before = base.map[key];
    const after = map[key];
    if (before === after && after !== undefined) return [{ sign: ' ', text: `${shortKey(key)}: ${after}` }];
    return [
      ...(before === undefined ? [] : [{ sign: '-' as const, text: `${shortKey(key)}: ${before}` }]),
      ...(after === undefined ? [] : [{ sign: '+' as const, text: `${shortKey(key)}: ${after}` }]),
    ];
  });
}
