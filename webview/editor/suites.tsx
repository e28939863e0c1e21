// Cipher suites: what they are, how strong, and whether the gateway offers them.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { shownSuitesText } from '../../src/core/defaultsText.ts';
import { gatewaySuites } from '../../src/core/tls/ciphers.ts';
import type { GatewaySuite, SuiteStrength } from '../../src/core/tls/ciphers.ts';
import { protocolLabel } from '../../src/core/tls/protocols.ts';
import { isConfirmed, settingById, stateOf } from '../../src/core/tls/settings.ts';
import type { SettingId } from '../../src/core/tls/settings.ts';
import { tierRules } from '../../src/core/tls/tiers.ts';
import { lockText, unconfirmedText, unlockedText } from '../../src/core/settingText.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Checkbox, Empty, Scroll, Section, TextField } from '../parts.tsx';
import type { SectionProps } from './app.tsx';
import { SettingCell } from './settingCell.tsx';

export function Suites(props: SectionProps): JSX.Element {
  const [filter, setFilter] = useState('');
  const [weakOnly, setWeakOnly] = useState(false);
  const { tier } = props.state.instance;
  const tripleDes = stateOf(props.model.now, 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  const words = filter.toLowerCase().split(/\s+/);
  const shown = gatewaySuites.filter(
    (suite) =>
      (!weakOnly || suite.strength !== 'recommended') && words.every((word) => searchText(suite).includes(word)),
  );
  const filters = (
    <div class="filters">
      <TextField label={l10n.t('Filter cipher suites')} value={filter} onInput={setFilter} />
      <Checkbox checked={weakOnly} onChange={() => setWeakOnly(!weakOnly)}>
        {l10n.t('Weak only')}
      </Checkbox>
    </div>
  );
  return (
    <Section id="suites" title={l10n.t('Cipher suites')} aside={filters}>
      {!tierRules(tier).ciphersChangeable && (
        <p class="lock-note">
          <Icon name={tripleDes.unlocked ? 'unlock' : 'lock'} />{' '}
          {tripleDes.unlocked ? unlockedText(tripleDes, tier) : lockText(tripleDes, tier)} {shownSuitesText(tier)}
        </p>
      )}
      {shown.length === 0 ? (
        <Empty>{l10n.t('No cipher suite matches. Clear the filter to see all {0}.', gatewaySuites.length)}</Empty>
      ) : (
        <SuiteTable {...props} shown={shown} />
      )}
      {tripleDes.lock === undefined && <Footnotes shown={shown} tier={tier} />}
    </Section>
  );
}

function searchText(suite: GatewaySuite): string {
  const versions = suite.versions.map((version) => protocolLabel[version]).join(' ');
  return `${suite.name} ${suite.keyExchange} ${versions} ${strengthText(suite.strength)}`.toLowerCase();
}

function SuiteTable({
  state,
  model,
  dispatch,
  shown,
}: SectionProps & { readonly shown: readonly GatewaySuite[] }): JSX.Element {
  return (
    <Scroll label={l10n.t('Table of cipher suites')}>
      <table class="suites">
        <thead>
          <tr>
            <th scope="col">{l10n.t('Name')}</th>
            <th scope="col">{l10n.t('State')}</th>
            <th scope="col">{l10n.t('Strength')}</th>
            <th scope="col">{l10n.t('Versions')}</th>
            <th scope="col">{l10n.t('Key exchange')}</th>
            <th scope="col">{l10n.t('Forward secrecy')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((suite) => {
            const id: SettingId = `cipher.${suite.name}`;
            return (
              <tr key={suite.name}>
                <th scope="row">
                  <code>{suite.name}</code>
                </th>
                <td>
                  <SettingCell
                    id={id}
                    tier={state.instance.tier}
                    now={stateOf(model.now, id)}
                    draft={stateOf(model.draft, id)}
                    disabled={state.instance.customProperties === null}
                    spacious={false}
                    dispatch={dispatch}
                  />
                </td>
                <td>
                  <Strength strength={suite.strength} />
                </td>
                <td>{versionsText(suite)}</td>
                <td>{suite.keyExchange}</td>
                <td>{suite.forwardSecrecy ? l10n.t('Yes') : l10n.t('No')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function versionsText(suite: GatewaySuite): string {
  const first = suite.versions[0];
  const last = suite.versions.at(-1);
  if (!first || !last) return '';
  return first === last
    ? protocolLabel[first]
    : l10n.t('{0} to {1}', protocolLabel[first], protocolLabel[last].slice(4));
}

function strengthText(strength: SuiteStrength): string {
  return strength === 'recommended' ? l10n.t('Recommended') : strength === 'weak' ? l10n.t('Weak') : l10n.t('Insecure');
}

function Strength({ strength }: { readonly strength: SuiteStrength }): JSX.Element {
  const icon = strength === 'recommended' ? 'pass' : strength === 'weak' ? 'warning' : 'error';
  const tone = strength === 'recommended' ? 'good' : strength === 'weak' ? 'warning' : 'error';
  return (
    <span class="with-icon">
      <Icon name={icon} tone={tone} />
      {strengthText(strength)}
    </span>
  );
}

/** What the marks in the table mean. */
function Footnotes({
  shown,
  tier,
}: {
  readonly shown: readonly GatewaySuite[];
  readonly tier: string;
}): JSX.Element | null {
  const open = shown.filter((suite) => {
    const setting = settingById(`cipher.${suite.name}`);
    return setting !== undefined && setting.keys.length > 0 && !isConfirmed(setting, tier);
  });
  const required = shown.find((suite) => suite.switching === 'required');
  const notes: readonly (readonly [IconName, string])[] = [
    ...(required ? [['lock', alwaysOn(required, tier)] as const] : []),
    ...[...new Set(open.map((suite) => unconfirmedText(`cipher.${suite.name}`)))].map(
      (text) => ['question', text] as const,
    ),
  ];
  return (
    <ul class="footnotes">
      {notes.map(([icon, text]) => (
        <li key={text} class="with-icon">
          <Icon name={icon} tone="muted" /> {text}
        </li>
      ))}
    </ul>
  );
}

function alwaysOn(suite: GatewaySuite, tier: string): string {
  return lockText({ id: `cipher.${suite.name}`, value: 'on', origin: 'fixed', lock: 'alwaysOn' }, tier);
}
