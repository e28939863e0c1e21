// The whole page: what is to change, how, and a row for each instance, from the plan to the result.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { aimText, waitForTimeText } from '../../src/core/batchText.ts';
import type { BatchState, KeptBatch } from '../../src/messages/batch.ts';
import type { PageApi } from '../host.ts';
import { Icon } from '../icons.tsx';
import { Badge, Button, LinkButton, ProgressRing } from '../parts.tsx';
import { dateTime, useNow } from '../time.ts';
import { Actions } from './actions.tsx';
import { useBatchHost } from './host.ts';
import type { Act, Ask } from './host.ts';
import { How } from './how.tsx';
import { Instances } from './instances.tsx';
import { What } from './what.tsx';

function keptOf(state: BatchState): KeptBatch {
  const { phase, batchId, aim, limit, stopOnFailure, downtimeAt } = state;
  if (phase !== 'planning') return { kind: 'batch', batchId };
  return { kind: 'plan', batchId, instanceIds: state.rows.map(({ id }) => id), aim, limit, stopOnFailure, downtimeAt };
}

/** Keeps what the page needs to find its batch or its plan again, whenever that is something else. */
function useKept(api: PageApi, state: BatchState | null): void {
  const { phase, batchId, aim, limit, stopOnFailure, downtimeAt, rows } = state ?? {};
  // Rows change all the time, which ones there are hardly ever does.
  const ids = useMemo(() => rows?.map(({ id }) => id).join('\n'), [rows]);
  useEffect(() => {
    if (state !== null) api.setState(keptOf(state));
  }, [api, phase, batchId, aim, limit, stopOnFailure, downtimeAt, ids]);
}

export function BatchApp({ api }: { readonly api: PageApi }): JSX.Element {
  const { state, failure, ask, act, begin } = useBatchHost(api);
  useEffect(begin, [begin]);
  useKept(api, state);
  if (state === null) return <Waiting failure={failure} retry={begin} />;
  return <BatchPage state={state} failure={failure} ask={ask} act={act} />;
}

function Waiting({ failure, retry }: { readonly failure: string; readonly retry: () => void }): JSX.Element {
  return (
    <main class="waiting">
      <h1 class="hidden">{l10n.t('Change several instances')}</h1>
      {failure === '' ? (
        <>
          <ProgressRing label={l10n.t('Reading the instances')} />
          <p>{l10n.t('Reading the instances…')}</p>
        </>
      ) : (
        <>
          <p role="alert">{failure}</p>
          <Button onClick={retry}>{l10n.t('Retry')}</Button>
        </>
      )}
    </main>
  );
}

interface PageProps {
  readonly state: BatchState;
  readonly failure: string;
  readonly ask: Ask;
  readonly act: Act;
}

function BatchPage({ state, failure, ask, act }: PageProps): JSX.Element {
  const now = useNow(10_000);
  const planning = state.phase === 'planning';
  return (
    <main class="batch">
      <header>
        <div class="title">
          <h1>{planning || state.aim === null ? l10n.t('Change several instances') : aimText(state.aim)}</h1>
          {state.sample && <Badge>{l10n.t('Sample estate')}</Badge>}
        </div>
        {state.startedAt !== null && <p class="muted">{begunText(state, state.startedAt)}</p>}
        {waitsForTime(state) && <p class="muted">{waitForTimeText(state.downtimeAt ?? '', now)}</p>}
      </header>
      <Actions state={state} act={act} />
      <Notices state={state} failure={failure} act={act} />
      {planning && <What state={state} act={act} />}
      {planning && <How state={state} now={now} act={act} />}
      <Instances
        rows={state.rows}
        planning={planning}
        takesMore={planning && state.aim?.kind !== 'undo'}
        aimed={state.aim !== null}
        now={now}
        ask={ask}
        act={act}
      />
    </main>
  );
}

function begunText({ limit, stopOnFailure, phase }: BatchState, startedAt: string): string {
  const began = l10n.t('Began {0}.', dateTime(startedAt));
  if (phase === 'ended') return began;
  return [
    began,
    limit === 1 ? l10n.t('One instance at a time.') : l10n.t('At most {0} instances at once.', limit),
    ...(stopOnFailure ? [l10n.t('Pauses at the first instance that does not end as planned.')] : []),
  ].join(' ');
}

function waitsForTime({ phase, downtimeAt, rows }: BatchState): boolean {
  return phase !== 'planning' && downtimeAt !== null && rows.some((row) => row.wave === 3 && row.state === 'waiting');
}

function Notices({ state, failure, act }: Omit<PageProps, 'ask'>): JSX.Element {
  const dismiss = (
    <span class="dismiss">
      <LinkButton label={l10n.t('Dismiss')} onClick={() => act('dismiss', undefined)}>
        <Icon name="cross" />
      </LinkButton>
    </span>
  );
  return (
    <div class="notices">
      {[failure, state.problem].filter(Boolean).map((text) => (
        <div key={text} class="notice error" role="alert">
          <Icon name="error" tone="error" />
          <p>{text}</p>
          {dismiss}
        </div>
      ))}
      {state.pause !== '' && (
        <div class="notice warning" role="status">
          <Icon name="warning" tone="warning" />
          <p>{state.pause}</p>
        </div>
      )}
      {state.foreign && (
        <div class="notice" role="status">
          <Icon name="info" tone="info" />
          <p>
            {state.asked
              ? l10n.t('The window that has this change in hand was asked. It answers within seconds.')
              : l10n.t('Another window has this change in hand. What you choose here is passed on to it.')}
          </p>
        </div>
      )}
      {state.notice !== '' && (
        <div class="notice" role="status">
          <Icon name="info" tone="info" />
          <p>{state.notice}</p>
          {dismiss}
        </div>
      )}
    </div>
  );
}
