// The estimate of client certificate renegotiations: reading it, and its sources.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RenegotiationProgress } from '../../src/core/renegotiation.ts';
import { sourceLine } from '../../src/core/renegotiationText.ts';
import { trafficWindows } from '../../src/core/traffic.ts';
import { countText, windowText } from '../../src/core/trafficText.ts';
import type { RenegotiationView } from '../../src/messages/editor.ts';
import type { Ask } from '../host.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, Hidden, ProgressRing } from '../parts.tsx';
import { readRenegotiationRows } from '../snapshot.ts';
import { ago } from '../time.ts';
import type { Act } from './app.tsx';
import { entriesOf } from './renegotiationRows.ts';
import type { Entry } from './renegotiationRows.ts';
import { RenegotiationTable } from './renegotiationTable.tsx';

interface Props {
  readonly view: RenegotiationView;
  readonly ask: Ask;
  readonly act: Act;
  readonly now: number;
}

export function Renegotiations({ view, ask, act, now }: Props): JSX.Element {
  const { found, progress, problem } = view;
  const { entries, failure } = useEntries(ask, found?.list ?? null, found?.total ?? 0);
  const read = (days: RenegotiationView['days'], fresh: boolean) => act('readRenegotiations', { days, fresh });
  const needless = found?.sources.find((source) => source.kind === 'tier');
  if (needless !== undefined) return <Empty>{sourceLine(needless).map(({ text }) => text)}</Empty>;
  return (
    <>
      <Controls view={view} read={read} act={act} />
      <div aria-live="polite">
        {progress !== null && <Reading progress={progress} />}
        {problem !== '' && <Failure text={problem} />}
        {failure !== '' && <Failure text={failure} />}
      </div>
      {found !== null && (
        <>
          <p class="muted">
            {l10n.t(
              'An estimate from the sources below, read {0}: the portal’s own list is not open to other programs. An operation may be missing, or may not renegotiate.',
              ago(found.readAt, now),
            )}
          </p>
          <RenegotiationTable list={found.list} total={found.total} cut={found.cut} entries={entries} ask={ask} />
          <Sources view={found} />
        </>
      )}
    </>
  );
}

function Controls(props: {
  readonly view: RenegotiationView;
  readonly read: (days: RenegotiationView['days'], fresh: boolean) => void;
  readonly act: Act;
}): JSX.Element {
  const { view, read, act } = props;
  const { days, progress, found } = view;
  return (
    <div class="renegotiation-bar">
      <label>
        <span>{l10n.t('Traffic of the last')}</span>{' '}
        <select
          class="select"
          value={String(days)}
          onChange={(event) =>
            read(trafficWindows.find((one) => String(one) === event.currentTarget.value) ?? days, false)
          }
        >
          {trafficWindows.map((one) => (
            <option key={one} value={String(one)} selected={one === days}>
              {windowText(one)}
            </option>
          ))}
        </select>
      </label>
      {progress === null ? (
        <Button onClick={() => read(days, true)}>{found === null ? l10n.t('Read') : l10n.t('Read again')}</Button>
      ) : (
        <Button onClick={() => act('cancelRenegotiations', undefined)}>{l10n.t('Cancel reading')}</Button>
      )}
      {progress === null && found?.more === true && (
        <Button onClick={() => read(days, false)}>{l10n.t('Read more policies')}</Button>
      )}
    </div>
  );
}

function Reading({ progress: { step, done, total } }: { readonly progress: RenegotiationProgress }): JSX.Element {
  const text = {
    logs: l10n.t('Reading logs, Azure Advisor and APIs…'),
    policies:
      total === 0
        ? l10n.t('Reading policies…')
        : l10n.t('Reading policies: {0} of {1}…', countText(done), countText(total)),
    operations: l10n.t('Reading the names of operations…'),
  }[step];
  return (
    <p class="reading">
      <ProgressRing label={l10n.t('Reading renegotiations')} /> {text}
    </p>
  );
}

function Failure({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="notice error">
      <Icon name="error" tone="error" />
      <span>{text}</span>
    </p>
  );
}

/** The rows of a list, asked for part by part; empty until the first has come. */
function useEntries(
  ask: Ask,
  list: number | null,
  total: number,
): { readonly entries: readonly Entry[]; readonly failure: string } {
  const [known, setKnown] = useState<{ list: number | null; entries: readonly Entry[] }>({ list: null, entries: [] });
  const [failure, setFailure] = useState('');
  useEffect(() => {
    if (list === null) return;
    let left = false;
    const load = async () => {
      let entries: readonly Entry[] = [];
      while (!left && entries.length < total) {
        const rows = readRenegotiationRows(await ask('renegotiationRows', { list, from: entries.length }));
        if (rows.length === 0) break;
        entries = [...entries, ...entriesOf(rows, entries.length)];
        if (!left) setKnown({ list, entries });
      }
    };
    setFailure('');
    load().catch((error: unknown) => {
      if (!left) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => {
      left = true;
    };
  }, [ask, list, total]);
  return { entries: known.list === list ? known.entries : [], failure };
}

const tones = {
  good: { name: 'check', tone: 'good' },
  note: { name: 'info', tone: 'info' },
  missing: { name: 'question', tone: 'warning' },
} as const;

function Sources({ view }: { readonly view: NonNullable<RenegotiationView['found']> }): JSX.Element {
  const words = { good: l10n.t('Read'), note: l10n.t('Note'), missing: l10n.t('Missing') };
  return (
    <>
      <h3>{l10n.t('Sources')}</h3>
      <ul class="sources">
        {view.sources.flatMap(sourceLine).map(({ tone, text }) => (
          <li key={text}>
            <Icon {...tones[tone]} />
            <span>
              <Hidden>{words[tone]}: </Hidden>
              {text}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
