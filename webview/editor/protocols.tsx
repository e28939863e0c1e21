// Protocol versions and HTTP/2, by client side and backend side.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { defaultsText } from '../../src/core/defaultsText.ts';
import type { Instance } from '../../src/core/instance.ts';
import { protocolLabel, protocolVersions, sides } from '../../src/core/tls/protocols.ts';
import { isConfirmed, settingById, stateOf } from '../../src/core/tls/settings.ts';
import type { SettingId } from '../../src/core/tls/settings.ts';
import { hasRows } from '../../src/core/traffic.ts';
import { lockText, originText, sideLabel, unconfirmedText, valueText } from '../../src/core/settingText.ts';
import { Icon } from '../icons.tsx';
import { LinkButton, Section } from '../parts.tsx';
import { useLate } from '../time.ts';
import type { SectionProps } from './app.tsx';
import { Readiness } from './readiness.tsx';
import { NotConfirmed, SettingCell, Was, wasText } from './settingCell.tsx';
import { Tls13Dialog } from './tls13.tsx';
import { TrafficControls, TrafficDialog, TrafficLine, TrafficNotice } from './traffic.tsx';
import type { Shown } from './traffic.tsx';

export function Protocols(props: SectionProps): JSX.Element {
  const [managing, setManaging] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const { instance } = props.state;
  // Lines beside every version move all that stands below: not in the frame in which the rest follows from them.
  const traffic = useLate(props.state.traffic, 0);
  const readable = hasRows(traffic.found);
  // Numbers that are gone do not come back as a dialog that nobody opened.
  useEffect(() => {
    if (!readable) setShown(null);
  }, [readable]);
  const open = () => {
    const { days, progress, found } = props.state.renegotiations;
    if (found === null && progress === null) props.act('readRenegotiations', { days, fresh: false });
    setManaging(true);
  };
  return (
    <Section
      id="protocols"
      title={l10n.t('Protocols')}
      aside={<TrafficControls traffic={traffic} act={props.act} show={setShown} />}
    >
      <table class="protocols">
        <thead>
          <tr>
            <th scope="col">{l10n.t('Protocol')}</th>
            {sides.map((side) => (
              <th key={side} scope="col">
                {sideLabel(side)}{' '}
                <span class="muted">
                  {side === 'client' ? l10n.t('callers to gateway') : l10n.t('gateway to backends')}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...protocolVersions, 'http2' as const].map((row) => (
            <tr key={row}>
              <th scope="row">{row === 'http2' ? 'HTTP/2' : protocolLabel[row]}</th>
              {sides.map((side) => (
                <td key={side}>
                  {side === 'client' && row === 'tls13' ? (
                    <ClientTls13 {...props} open={open} />
                  ) : row === 'http2' && side === 'backend' ? (
                    <NoSetting tier={props.state.instance.tier} />
                  ) : (
                    <OneSetting {...props} id={`${side}.${row}` as SettingId} />
                  )}
                  {side === 'client' && row !== 'http2' && (
                    <TrafficLine version={row} traffic={traffic} now={props.now} show={setShown} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <TrafficNotice traffic={traffic} instanceId={instance.id} act={props.act} />
      <Footnotes instance={instance} />
      <Readiness {...props} />
      {shown !== null && hasRows(traffic.found) && (
        <TrafficDialog traffic={traffic.found} shown={shown} now={props.now} close={() => setShown(null)} />
      )}
      {managing && <Tls13Dialog {...props} close={() => setManaging(false)} />}
    </Section>
  );
}

function OneSetting({ state, model, dispatch, id }: SectionProps & { readonly id: SettingId }): JSX.Element {
  return (
    <SettingCell
      id={id}
      tier={state.instance.tier}
      now={stateOf(model.now, id)}
      draft={stateOf(model.draft, id)}
      disabled={state.instance.customProperties === null}
      spacious
      dispatch={dispatch}
    />
  );
}

function NoSetting({ tier }: { readonly tier: string }): JSX.Element {
  return (
    <div class="cell locked">
      <Icon name="lock" />
      <span class="reason">
        {lockText({ id: 'client.http2', value: 'unknown', origin: 'notStated', lock: 'noKey' }, tier)}
      </span>
    </div>
  );
}

/** Client TLS 1.3 is not a mere toggle: who renegotiates for a certificate loses the connection. */
function ClientTls13({ state, model, open }: SectionProps & { readonly open: () => void }): JSX.Element {
  const now = stateOf(model.now, 'client.tls13');
  const draft = stateOf(model.draft, 'client.tls13');
  const was = wasText(now, draft);
  const origin = originText(draft);
  return (
    <div class={was === '' ? 'cell' : 'cell changed'}>
      <span>
        {valueText(draft)}{' '}
        {valueText(draft).toLowerCase() !== origin.toLowerCase() && <span class="muted">({origin})</span>}
        <Was text={was} />
        <NotConfirmed id="client.tls13" tier={state.instance.tier} />
      </span>
      <LinkButton popup onClick={open}>
        {l10n.t('View and manage')}
      </LinkButton>
    </div>
  );
}

/** Which defaults hold, and what "Not confirmed" means, once per reason. */
function Footnotes({ instance }: { readonly instance: Instance }): JSX.Element | null {
  const ids = sides.flatMap((side) => protocolVersions.map((version): SettingId => `${side}.${version}`));
  const open = [...ids, 'client.http2' as const].filter((id) => {
    const setting = settingById(id);
    return setting !== undefined && setting.keys.length > 0 && !isConfirmed(setting, instance.tier);
  });
  const texts = [defaultsText(instance), ...new Set(open.map(unconfirmedText))].filter((text) => text !== '');
  if (texts.length === 0) return null;
  return (
    <ul class="footnotes">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
