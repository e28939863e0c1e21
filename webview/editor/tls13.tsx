// Client TLS 1.3: who asks callers for a certificate by renegotiation, the warning, Enable and Disable.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { stateOf } from '../../src/core/tls/settings.ts';
import { tierRules } from '../../src/core/tls/tiers.ts';
import { originText, valueText } from '../../src/core/wording.ts';
import type { RenegotiationList } from '../../src/core/renegotiation.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, ProgressRing, Scroll } from '../parts.tsx';
import type { SectionProps } from './app.tsx';

export function Tls13Dialog({
  state,
  model,
  dispatch,
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
    <dialog ref={dialog} class="dialog" aria-labelledby="tls13-title" onClose={close}>
      <h2 id="tls13-title">{l10n.t('TLS 1.3, client side')}</h2>
      <p>
        {l10n.t('In the draft: {0}', value.toLowerCase() === origin.toLowerCase() ? value : `${value} (${origin})`)}
      </p>
      <p class="notice warning">
        <Icon name="warning" tone="warning" />
        <span>
          {l10n.t(
            'TLS 1.3 has no renegotiation. A caller whose certificate is asked for after the handshake can no longer connect with TLS 1.3 on. Review the operations below first.',
          )}
        </span>
      </p>
      {!tierRules(state.instance.tier).renegotiation && (
        <p>{l10n.t('The {0} tier has no client certificate renegotiation.', state.instance.tier)}</p>
      )}
      <h3>{l10n.t('Recent client certificate renegotiations')}</h3>
      <Renegotiations list={state.renegotiations} />
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

function Renegotiations({ list }: { readonly list: RenegotiationList | null }): JSX.Element {
  if (list === null)
    return (
      <p class="reading">
        <ProgressRing label={l10n.t('Reading policies and host names')} /> {l10n.t('Reading policies and host names…')}
      </p>
    );
  return (
    <>
      <p class="muted">
        {l10n.t(
          'An estimate from the sources below, not a record of traffic: an operation may be missing, or may not be in use.',
        )}
      </p>
      {list.rows.length === 0 ? (
        <Empty>{l10n.t('No operation is known to ask callers for a certificate.')}</Empty>
      ) : (
        <Rows list={list} />
      )}
      <h3>{l10n.t('Sources')}</h3>
      <ul class="sources">
        {list.sources.map(({ name, read, reason }) => (
          <li key={name}>
            <Icon name={read ? 'check' : 'question'} tone={read ? 'good' : 'warning'} />
            <span>
              {name}: {read ? l10n.t('read') : l10n.t('not read')}
              {reason === '' ? '' : ` (${reason})`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Rows({ list }: { readonly list: RenegotiationList }): JSX.Element {
  return (
    <Scroll label={l10n.t('Client certificate renegotiations')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{l10n.t('API')}</th>
            <th scope="col">{l10n.t('Operation')}</th>
            <th scope="col">{l10n.t('Host')}</th>
            <th scope="col">{l10n.t('Source')}</th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row, index) => (
            <tr key={index}>
              <td>{row.api}</td>
              <td>{row.operation}</td>
              <td>{row.host}</td>
              <td>{row.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
