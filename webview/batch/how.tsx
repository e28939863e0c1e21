// How it goes on: how many at once, whether it pauses at a failure, when those with downtime begin; and what all of it costs.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { mostAtOnce } from '../../src/core/batch.ts';
import { isPast } from '../../src/core/batchDowntime.ts';
import { chosenTimeText, totalCostText } from '../../src/core/batchText.ts';
import type { BatchOptions, BatchState } from '../../src/messages/batch.ts';
import { Icon } from '../icons.tsx';
import { Checkbox, Section } from '../parts.tsx';
import type { Act } from './host.ts';

const limits = Array.from({ length: mostAtOnce }, (_, index) => index + 1);

interface HowProps {
  readonly state: BatchState;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly act: Act;
}

export function How({ state, now, act }: HowProps): JSX.Element {
  const { limit, stopOnFailure, downtimeAt } = state;
  const set = (part: Partial<BatchOptions>) => act('setOptions', { limit, stopOnFailure, downtimeAt, ...part });
  const taking = state.rows.filter((row) => row.state === 'planned');
  const down = taking.filter(({ wave }) => wave === 3).length;
  return (
    <Section id="how" title={l10n.t('How')}>
      <div class="options">
        <label>
          {l10n.t('Instances at once')}{' '}
          <select
            class="select"
            value={String(limit)}
            onChange={(event) => set({ limit: Number(event.currentTarget.value) })}
          >
            {limits.map((one) => (
              <option key={one} value={String(one)} selected={one === limit}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <Checkbox checked={stopOnFailure} onChange={() => set({ stopOnFailure: !stopOnFailure })}>
          {l10n.t('Pause at the first instance that does not end as planned')}
        </Checkbox>
        <Checkbox
          checked={downtimeAt !== null}
          onChange={() => set({ downtimeAt: downtimeAt === null ? tonight().toISOString() : null })}
        >
          {l10n.t('Instances that are down meanwhile begin at a time of their own')}
        </Checkbox>
        {downtimeAt !== null && (
          <ChosenTime downtimeAt={downtimeAt} now={now} choose={(at) => set({ downtimeAt: at })} />
        )}
        {downtimeAt !== null && state.aim !== null && down === 0 && (
          <p class="muted">{l10n.t('None of the instances that change is down meanwhile: no time is needed.')}</p>
        )}
      </div>
      {state.aim !== null && (
        <p class="cost" aria-live="polite">
          {totalCostText(taking, limit, downtimeAt)}
          {down > 0 &&
            down < taking.length &&
            downtimeAt === null &&
            ` ${l10n.t('Those that are down meanwhile come last.')}`}
        </p>
      )}
    </Section>
  );
}

function ChosenTime(props: {
  readonly downtimeAt: string;
  readonly now: number;
  readonly choose: (at: string) => void;
}): JSX.Element {
  const { downtimeAt, now, choose } = props;
  const past = isPast(downtimeAt, now);
  return (
    <div class="chosen-time">
      <label>
        {l10n.t('Not before (local time)')}{' '}
        <input
          class="select"
          type="datetime-local"
          aria-describedby="chosen-time"
          aria-invalid={past}
          value={localText(downtimeAt)}
          onChange={(event) => {
            const at = new Date(event.currentTarget.value);
            if (!Number.isNaN(at.getTime())) choose(at.toISOString());
          }}
        />
      </label>
      <p id="chosen-time" class={past ? 'with-icon' : 'muted'}>
        {past && <Icon name="warning" tone="warning" />}
        <span>{chosenTimeText(downtimeAt, now)}</span>
      </p>
    </div>
  );
}

/** The next time that it is ten in the evening. */
function tonight(): Date {
  const at = new Date();
  at.setHours(22, 0, 0, 0);
  if (at.getTime() < Date.now()) at.setDate(at.getDate() + 1);
  return at;
}

/** As a field for date and time takes it. */
function localText(iso: string): string {
  const at = new Date(iso);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
