// Client TLS 1.3: who asks callers for a certificate by renegotiation, the warning, Enable and Disable.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { stateOf } from '../../src/core/tls/settings.ts';
import { tierRules } from '../../src/core/tls/tiers.ts';
import { originText, valueText } from '../../src/core/settingText.ts';
import { Icon } from '../icons.tsx';
import { Button } from '../parts.tsx';
import type { SectionProps } from './app.tsx';
import { Renegotiations } from './renegotiations.tsx';

export function Tls13Dialog({
  state,
  model,
  dispatch,
  act,
  ask,
  now,
  close,
}: SectionProps & { readonly close: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const current = stateOf(model.draft, 'client.tls13');
  const value = valueText(current);
  const origin = originText(current);
  const choose = (value: 'on' | 'off') => {
    dispatch({ type: 'set', id: 'client.tls13', value });
    dialog.current?.close();
  };
  const fixed = state.instance.customProperties === null;
  return (
    <dialog ref={dialog} class="dialog wide" aria-labelledby="tls13-title" onClose={close}>
      <h2 id="tls13-title">{l10n.t('TLS 1.3, client side')}</h2>
      <p>
        {l10n.t('In the draft: {0}', value.toLowerCase() === origin.toLowerCase() ? value : `${value} (${origin})`)}
      </p>
      {tierRules(state.instance.tier).renegotiation && (
        <p class="notice warning">
          <Icon name="warning" tone="warning" />
          <span>
            {l10n.t(
              'TLS 1.3 has no renegotiation. A caller whose certificate is asked for after the handshake can no longer connect with TLS 1.3 on. Review the operations below first.',
            )}
          </span>
        </p>
      )}
      <h3>{l10n.t('Recent client certificate renegotiations')}</h3>
      <Renegotiations view={state.renegotiations} ask={ask} act={act} now={now} />
      <div class="actions">
        <Button primary disabled={fixed || current.value === 'on'} onClick={() => choose('on')}>
          {l10n.t('Enable TLS 1.3')}
        </Button>
        <Button disabled={fixed || current.value === 'off'} onClick={() => choose('off')}>
          {l10n.t('Disable TLS 1.3')}
        </Button>
        <Button onClick={() => dialog.current?.close()}>{l10n.t('Close')}</Button>
      </div>
    </dialog>
  );
}
