// What is to change: a preset, or the settings of another instance.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { presetIds } from '../../src/core/tls/presets.ts';
import { aimText } from '../../src/core/batchText.ts';
import { presetDescription, presetLabel } from '../../src/core/wording.ts';
import type { BatchState } from '../../src/messages/batch.ts';
import { Section } from '../parts.tsx';
import type { Act } from './host.ts';

export function What({ state, act }: { readonly state: BatchState; readonly act: Act }): JSX.Element {
  const { aim } = state;
  if (aim?.kind === 'undo')
    return (
      <Section id="what" title={l10n.t('What changes')}>
        <p>{aimText(aim)}</p>
        <p class="muted">
          {l10n.t('Settings that were changed go back to what they were. What was changed again since stays as it is.')}
        </p>
      </Section>
    );
  return (
    <Section id="what" title={l10n.t('What changes')}>
      <ul class="presets">
        {presetIds.map((preset) => (
          <li key={preset}>
            <Choice
              title={presetLabel(preset)}
              text={presetDescription(preset)}
              pressed={aim?.kind === 'preset' && aim.preset === preset}
              onClick={() => act('choosePreset', { preset })}
            />
          </li>
        ))}
        <li>
          <Choice
            title={aim?.kind === 'copy' ? aimText(aim) : l10n.t('Settings of another instance…')}
            text={l10n.t('What is in force there, as far as the tier of each instance allows.')}
            pressed={aim?.kind === 'copy'}
            onClick={() => act('chooseSource', undefined)}
          />
        </li>
      </ul>
    </Section>
  );
}

function Choice(props: {
  readonly title: string;
  readonly text: string;
  readonly pressed: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <button type="button" class="preset" aria-pressed={props.pressed} onClick={props.onClick}>
      <span class="preset-title">{props.title}</span>
      <span class="preset-text">{props.text}</span>
    </button>
  );
}
