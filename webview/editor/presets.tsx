// Ready-made drafts, each with the number of settings it would change.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Instance } from '../../src/core/instance.ts';
import { changesBetween, statesForDraft } from '../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { presetChanges, presetIds } from '../../src/core/tls/presets.ts';
import { readSettings } from '../../src/core/tls/settings.ts';
import { changeCountText, presetDescription, presetLabel } from '../../src/core/wording.ts';
import { sameChanges } from '../draft.ts';
import type { Action } from '../page.ts';
import { Section } from '../parts.tsx';

interface PresetsProps {
  readonly instance: Instance;
  readonly changes: DraftChanges;
  readonly dispatch: (action: Action) => void;
}

export function Presets({ instance, changes, dispatch }: PresetsProps): JSX.Element {
  const presets = useMemo(() => {
    const now = readSettings(instance);
    return presetIds.map((id) => {
      const wanted = presetChanges(instance, id);
      return { id, wanted, count: changesBetween(now, statesForDraft(instance, wanted)).length };
    });
  }, [instance]);
  return (
    <Section id="presets" title={l10n.t('Presets')}>
      <ul class="presets">
        {presets.map(({ id, wanted, count }) => (
          <li key={id}>
            <button
              type="button"
              class="preset"
              aria-pressed={count > 0 && sameChanges(wanted, changes)}
              disabled={instance.customProperties === null}
              onClick={() => dispatch({ type: 'replace', changes: wanted })}
            >
              <span class="preset-title">{presetLabel(id)}</span>
              <span class="preset-count">
                {instance.customProperties === null
                  ? l10n.t('Not known now')
                  : count === 0
                    ? l10n.t('Already so')
                    : changeCountText(count)}
              </span>
              <span class="preset-text">{presetDescription(id)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
