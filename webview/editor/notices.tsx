// What the user must know before anything else: failures, outcomes, and that the instance changed elsewhere.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { shortKey } from '../../src/core/tls/customProperties.ts';
import type { KeyDifference } from '../../src/core/tls/customProperties.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import type { SettingId } from '../../src/core/tls/settings.ts';
import { agoText } from '../../src/core/time.ts';
import { settingLabel } from '../../src/core/settingText.ts';
import { changeCountText, namesText } from '../../src/core/wording.ts';
import { isEmpty, rebase, restoreDraft, sameChanges } from '../draft.ts';
import { Icon } from '../icons.tsx';
import { Button, LinkButton } from '../parts.tsx';
import type { SectionProps } from './app.tsx';

export function Notices(
  props: SectionProps & { readonly changes: DraftChanges; readonly failure: string },
): JSX.Element {
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
      {state.drafts.from !== null && Object.keys(props.changes).length > 0 && (
        <div class="notice" role="status">
          <Icon name="info" tone="info" />
          <p>
            {l10n.t(
              'This draft was kept by another window, or an earlier one, {0}.',
              agoText(state.drafts.from, props.now),
            )}
          </p>
          <Dismiss dismiss={dismiss} />
        </div>
      )}
      <OtherDrafts {...props} />
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

/** What other windows have drafted, as far as it would still change something, and something else than is drafted here. */
function OtherDrafts({ state, changes, act, dispatch, now }: Parameters<typeof Notices>[0]): JSX.Element {
  const { instance, drafts } = state;
  const own = Object.keys(changes).length > 0;
  return (
    <>
      {drafts.others.flatMap((other) => {
        const draft = rebase(restoreDraft(other.draft, instance), instance);
        if (isEmpty(draft) || sameChanges(draft.changes, changes)) return [];
        const settle = (taken: boolean) => act('settleDraft', { writer: other.writer, at: other.at, taken });
        const names = (Object.keys(draft.changes) as SettingId[]).map(settingLabel);
        const values = [changeCountText(names.length), agoText(other.at, now), namesText(names, 3)];
        return [
          <div key={other.writer} class="notice" role="status">
            <Icon name="info" tone="info" />
            <div>
              <p>{l10n.t('Another window has a draft of this instance: {0}, last changed {1} ({2}).', ...values)}</p>
              <div class="actions">
                <Button
                  onClick={() => {
                    dispatch({ type: 'take', draft: other.draft });
                    settle(true);
                  }}
                >
                  {own ? l10n.t('Replace this draft by it') : l10n.t('Take it over')}
                </Button>
                <Button onClick={() => settle(false)}>{own ? l10n.t('Keep this draft') : l10n.t('Leave it')}</Button>
              </div>
            </div>
          </div>,
        ];
      })}
    </>
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
