// Which instance this is, how it stands, and what a save costs.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { durationText, timeCostText } from '../../src/core/wording.ts';
import type { EditorState, RunningOperation } from '../../src/messages/editor.ts';
import { Icon } from '../icons.tsx';
import { Badge, Button, LinkButton, memo, ProgressRing } from '../parts.tsx';
import { dateTime, useNow } from '../time.ts';
import type { Act } from './app.tsx';

export const Header = memo(function drawHeader(props: { readonly state: EditorState; readonly act: Act }): JSX.Element {
  const { state, act } = props;
  const { instance } = state;
  const regions = [instance.location, ...instance.otherRegions].join(', ');
  const facts: readonly (readonly [string, string])[] = [
    [l10n.t('Tier'), instance.units > 1 ? l10n.t('{0}, {1} units', instance.tier, instance.units) : instance.tier],
    [instance.otherRegions.length > 0 ? l10n.t('Regions') : l10n.t('Region'), regions],
    [l10n.t('State'), instance.provisioningState],
    [l10n.t('Subscription'), state.subscriptionName],
    [l10n.t('Resource group'), instance.resourceGroup],
    [l10n.t('Read'), dateTime(instance.readAt)],
  ];
  return (
    <header>
      <div class="title">
        <h1>{instance.name}</h1>
        {state.sample && <Badge>{l10n.t('Sample estate')}</Badge>}
        <span class="title-actions">
          <LinkButton onClick={() => act('refresh', undefined)}>{l10n.t('Refresh')}</LinkButton>
          {!state.sample && (
            <LinkButton onClick={() => act('openInPortal', undefined)}>{l10n.t('Open in portal')}</LinkButton>
          )}
          {!state.operation && <LinkButton onClick={() => act('showLog', undefined)}>{l10n.t('Show log')}</LinkButton>}
        </span>
      </div>
      <dl class="facts">
        {facts.map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="cost">
        <Icon name="clock" /> {timeCostText(instance.tier)}
      </p>
      {state.operation && <Operation operation={state.operation} act={act} />}
    </header>
  );
});

function Operation({ operation, act }: { readonly operation: RunningOperation; readonly act: Act }): JSX.Element {
  const elapsed = useNow(1000) - Date.parse(operation.startedAt);
  const what = operation.foreign
    ? l10n.t('Azure is making a change that was not started here.')
    : operation.kind === 'undo'
      ? l10n.t('Azure is undoing a change.')
      : l10n.t('Azure is making your change.');
  return (
    <div class="operation">
      <ProgressRing label={l10n.t('Change running')} />
      <span role="status">{what}</span>
      {/* When somebody else's change began is not known. */}
      {!operation.foreign && !Number.isNaN(elapsed) && <span class="elapsed">{durationText(elapsed)}</span>}
      <Button onClick={() => act('showLog', undefined)}>{l10n.t('Show log')}</Button>
    </div>
  );
}
