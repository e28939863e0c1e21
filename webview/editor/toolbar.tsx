// The bar that stays in view: how much would change, and what can be done with it.

import * as l10n from '@vscode/l10n';
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { changeCountText } from '../../src/core/wording.ts';
import { Icon } from '../icons.tsx';
import { Button, Hidden, LinkButton, ProgressRing } from '../parts.tsx';
import type { SectionProps } from './app.tsx';

interface ToolbarProps extends SectionProps {
  readonly changes: DraftChanges;
  readonly canUndo: boolean;
}

export function Toolbar(props: ToolbarProps): JSX.Element {
  const { state, model, changes, act, dispatch, canUndo } = props;
  const count = model.plan.changes.length;
  const held = model.conflict.length > 0;
  const drafted = Object.keys(changes).length > 0;
  const bar = useRef<HTMLDivElement>(null);
  const cannotApply = count === 0 || held || model.busy || state.probing !== null;
  const applied = useKeptFocus(bar, cannotApply);
  return (
    <div class="toolbar" role="region" aria-label={l10n.t('Draft')} ref={bar} tabIndex={-1}>
      <p class="summary" role="status">
        <Summary {...props} />
      </p>
      <div class="actions">
        {state.probing ? (
          <Button onClick={() => act('cancel', undefined)}>{l10n.t('Cancel')}</Button>
        ) : (
          <Button disabled={model.busy || held} onClick={() => act('check', { changes })}>
            {l10n.t('Check')}
          </Button>
        )}
        <Button disabled={count === 0 || held} onClick={() => act('compare', { changes })}>
          {l10n.t('Compare')}
        </Button>
        <Button
          disabled={!canUndo}
          title={l10n.t('Take back the last step of the draft (Ctrl+Z)')}
          onClick={() => dispatch({ type: 'undo' })}
        >
          {l10n.t('Undo')}
        </Button>
        <Button disabled={!drafted} onClick={() => dispatch({ type: 'discard' })}>
          {l10n.t('Discard')}
        </Button>
        <Button
          primary
          disabled={cannotApply}
          onClick={() => {
            applied();
            act('apply', { changes });
          }}
        >
          {model.blockers.length > 0 && count > 0 && !model.busy ? l10n.t('Apply despite blockers…') : l10n.t('Apply…')}
        </Button>
      </div>
    </div>
  );
}

/**
 * A button that takes no more clicks loses the focus, and the page with it. What was applied is told in the bar, so the
 * focus goes there, unless it is elsewhere by then.
 * @returns to be called when the button is used
 */
function useKeptFocus(bar: RefObject<HTMLElement | null>, disabled: boolean): () => void {
  const used = useRef(false);
  useEffect(() => {
    if (!disabled || !used.current) return;
    used.current = false;
    const focused = document.activeElement;
    const isLost = focused === document.body || focused?.hasAttribute('disabled');
    if (document.hasFocus() && isLost) bar.current?.focus({ preventScroll: true });
  }, [disabled]);
  return () => {
    used.current = true;
  };
}

function Summary({ state, model }: ToolbarProps): JSX.Element {
  const count = model.plan.changes.length;
  const blockers = model.blockers.length;
  return (
    <>
      <strong>{changeCountText(count)}</strong>
      {blockers > 0 && (
        <span class="count">
          <Icon name="error" tone="error" />
          {blockers === 1 ? l10n.t('1 blocker') : l10n.t('{0} blockers', blockers)}
        </span>
      )}
      {count > 0 && model.warnings > 0 && (
        <span class="count">
          <Icon name="warning" tone="warning" />
          {model.warnings === 1 ? l10n.t('1 warning') : l10n.t('{0} warnings', model.warnings)}
        </span>
      )}
      {model.conflict.length > 0 && (
        <span class="count">
          <Icon name="warning" tone="warning" />
          <LinkButton onClick={showConflict}>{l10n.t('The instance changed elsewhere')}</LinkButton>
        </span>
      )}
      {state.probing && (
        <span class="count">
          <ProgressRing label={l10n.t('Probing')} />
          {state.probing.what === 'gateway'
            ? l10n.t('Probing gateway hosts: {0} of {1}', state.probing.done, state.probing.total)
            : l10n.t('Probing backends: {0} of {1}', state.probing.done, state.probing.total)}
        </span>
      )}
      {model.busy && <Hidden>{l10n.t('Azure is changing this instance; a save has to wait.')}</Hidden>}
    </>
  );
}

/** The notice may be out of view. */
function showConflict(): void {
  const notice = document.getElementById('conflict');
  notice?.scrollIntoView({ block: 'center' });
  notice?.focus({ preventScroll: true });
}
