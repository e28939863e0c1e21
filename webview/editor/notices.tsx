// What the user must know before anything else: failures, outcomes, and that the instance changed elsewhere.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { shortKey } from '../../src/core/tls/customProperties.ts';
import type { KeyDifference } from '../../src/core/tls/customProperties.ts';
import { Icon } from '../icons.tsx';
import { Button, LinkButton } from '../parts.tsx';
import type { SectionProps } from './app.tsx';

export function Notices(props: SectionProps & { readonly failure: string }): JSX.Element {
  const { state, model, dispatch, act, failure } = props;
  const dismiss = () => {
    dispatch({ type: 'failed', message: '' });
    act('dismiss', undefined);
  };
  return (
    <div class="notices">
      {[failure, state.problem].filter(Boolean).map((text) => (
        <div key={text} class="notice error" role="alert">
          <Icon name="error" tone="error" />
          <p>{text}</p>
          <Dismiss dismiss={dismiss} />
        </div>
      ))}
      {state.notice !== '' && (
        <div class="notice" role="status">
          <Icon name="info" tone="info" />
          <p>{state.notice}</p>
          <Dismiss dismiss={dismiss} />
        </div>
      )}
      {state.instance.customProperties === null && (
        <div class="notice warning">
          <Icon name="warning" tone="warning" />
          <p>
            {l10n.t(
              'Azure does not state the settings of this instance now. Nothing can be changed until it does: choose Refresh.',
            )}
          </p>
        </div>
      )}
      {model.conflict.length > 0 && (
        <div id="conflict" class="notice warning" role="alert" tabIndex={-1}>
          <Icon name="warning" tone="warning" />
          <div>
            <p>{l10n.t('The instance changed elsewhere since this draft was begun:')}</p>
            <Differences entries={model.conflict} />
            <div class="actions">
              <Button
                primary
                onClick={() => {
                  dispatch({ type: 'rebase' });
                  dismiss();
                }}
              >
                {l10n.t('Rebase draft')}
              </Button>
              <Button onClick={() => dispatch({ type: 'discard' })}>{l10n.t('Discard draft')}</Button>
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

function Dismiss({ dismiss }: { readonly dismiss: () => void }): JSX.Element {
  return (
    <span class="dismiss">
      <LinkButton label={l10n.t('Dismiss')} onClick={dismiss}>
        <Icon name="cross" />
      </LinkButton>
    </span>
  );
}

/** Keys with their text before and after. */
export function Differences({ entries }: { readonly entries: readonly KeyDifference[] }): JSX.Element {
  const text = (value: string | null) => value ?? l10n.t('left out');
  return (
    <ul class="differences">
      {entries.map(({ key, before, after }) => (
        <li key={key}>
          <code title={key}>{shortKey(key)}</code>: {text(before)} → {text(after)}
        </li>
      ))}
    </ul>
  );
}
