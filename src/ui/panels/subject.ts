// What one editor panel has read of its instance: settings, the backends that are configured, and the history.

import { l10n } from 'vscode';
import { unreadableText } from '../../core/failureText.ts';
import type { HistoryEntry } from '../../core/history.ts';
import { nameInId } from '../../core/historyText.ts';
import { isBusy } from '../../core/instance.ts';
import type { BackendHost, Instance } from '../../core/instance.ts';
import type { UnreadableBackend } from '../../core/tls/plan.ts';
import { namesText } from '../../core/wording.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import type { EditorState } from '../../messages/editor.ts';
import { failureText, isCancelled, told } from '../errors.ts';
import type { Services } from '../services.ts';
import { byTierOverrides } from '../tierOverrides.ts';

export interface PanelSubject {
  /** Throws a sentence where it has not been read yet. */
  known(): Instance;
  isKnown(): boolean;
  /** As they are configured; null where they have not been read. */
  backends(): readonly BackendHost[] | null;
  unreadable(): readonly UnreadableBackend[];
  /** When the backends were read: ISO 8601, UTC; null where they have not been. */
  backendsReadAt(): string | null;
  history(): readonly HistoryEntry[];
  view(): Omit<SubjectView, 'backends'>;
  /**
   * Reads everything again, the backends beside it. Gives why the settings could not be read, where older ones are
   * shown; rejects where there are none. Empty: they were.
   */
  load(): Promise<string>;
  /** A failure becomes part of the view. */
  readBackends(signal?: AbortSignal): Promise<void>;
  /** Gives why it could not be read; or empty. */
  readHistory(): Promise<string>;
  /** What somebody else has read. `backends`: null where they could not be read. */
  take(read: {
    readonly instance?: Instance;
    readonly backends?: readonly BackendHost[] | null;
    readonly unreadable?: readonly UnreadableBackend[];
  }): void;
  /** The estate holds something else now. */
  takeFromEstate(): void;
}

type SubjectView = Pick<
  EditorState,
  | 'instance'
  | 'subscriptionName'
  | 'sample'
  | 'operation'
  | 'backends'
  | 'unreadable'
  | 'backendsProblem'
  | 'history'
  | 'historyUnreadable'
>;

/** @param changed called whenever the view says something else */
export function openSubject(services: Services, instanceId: string, changed: () => void): PanelSubject {
  let instance: Instance | undefined;
  let backends: readonly BackendHost[] | null = null;
  let unreadable: readonly UnreadableBackend[] = [];
  let backendsReadAt: string | null = null;
  let backendsProblem = '';
  let history: readonly HistoryEntry[] = [];
  let historyUnreadable = 0;
  let sample = false;

  const known = () => {
    if (!instance) throw told(l10n.t('The instance has not been read yet. Choose Refresh.'));
    return instance;
  };

  async function readBackends(signal?: AbortSignal): Promise<void> {
    try {
      const { azure } = await services.connection();
      const read = await readBackendHosts(azure, instanceId, signal ? { signal } : {});
      backends = read.hosts;
      backendsReadAt = new Date().toISOString();
      unreadable = read.unreadable;
      backendsProblem =
        unreadable.length === 0
          ? ''
          : l10n.t('Not every backend can be read. {0}', namesText(unreadable.map(unreadableText), 3));
    } catch (error) {
      if (isCancelled(error)) return;
      backendsProblem = failureText(error);
    }
    changed();
  }

  async function readHistory(): Promise<string> {
    let problem = '';
    try {
      const read = await services.records().history(instanceId);
      // Those from before a move are in the file of the address that it had then.
      const byName = await services.histories.byName();
      history = byName.get(nameInId(instanceId).toLowerCase()) ?? read.entries;
      historyUnreadable = read.unreadable;
    } catch (error) {
      problem = failureText(error);
    }
    changed();
    return problem;
  }

  async function load(): Promise<string> {
    const connection = await services.connection();
    sample = connection.sample !== null;
    instance ??= services.estate.instance(instanceId);
    let problem = '';
    try {
      services.estate.put(await connection.azure.readInstance(instanceId));
      instance = services.estate.instance(instanceId) ?? instance;
    } catch (error) {
      problem = failureText(error);
      if (!instance) throw new Error(problem, { cause: error });
    }
    const historyProblem = await readHistory();
    void readBackends();
    return problem === '' ? historyProblem : problem;
  }

  return {
    known,
    isKnown: () => instance !== undefined,
    backends: () => backends,
    unreadable: () => unreadable,
    backendsReadAt: () => backendsReadAt,
    history: () => history,
    view: () => {
      const shown = known();
      return {
        instance: shown,
        subscriptionName: services.estate.subscriptionName(shown.subscriptionId),
        sample,
        operation: operationOf(services, shown),
        unreadable,
        backendsProblem,
        history,
        historyUnreadable,
      };
    },
    load,
    readBackends,
    readHistory,
    take: (read) => {
      if (read.instance) instance = read.instance;
      if (read.backends !== undefined && read.backends !== backends) {
        backends = read.backends;
        backendsReadAt = backends && new Date().toISOString();
      }
      if (read.unreadable) unreadable = read.unreadable;
      changed();
    },
    takeFromEstate: () => {
      const fresh = services.estate.instance(instanceId);
      if (!fresh || fresh === instance) return;
      // Rows of Resource Graph have no etag and may lag: what ARM itself said is kept, under the settings of now.
      instance = fresh.etag === null && instance ? byTierOverrides()(instance) : fresh;
      changed();
    },
  };
}

/** Our own change, else one that somebody else makes: of that nothing but the provisioning state is known. */
function operationOf({ operations }: Services, instance: Instance): EditorState['operation'] {
  const own = operations.of(instance.id);
  if (own) return { id: own.id, kind: own.kind, startedAt: own.startedAt, foreign: false };
  return isBusy(instance) ? { id: '', kind: 'change', startedAt: instance.readAt, foreign: true } : null;
}
