// Everything that lives as long as the window, built once and handed to each part of the UI.

import path from 'node:path';
import { EventEmitter, window, workspace } from 'vscode';
import type { ExtensionContext, LogOutputChannel, Uri } from 'vscode';
import { openBatchDoor } from './batchDoor.ts';
import type { BatchDoor } from './batchDoor.ts';
import { estateKind } from './config.ts';
import { connect } from './connection.ts';
import { ConnectivityChecks } from './connectivity.ts';
import type { Connection } from './connection.ts';
import { openDocuments } from './documents.ts';
import type { Documents } from './documents.ts';
import { showFailure } from './errors.ts';
import { undoWatched, watchEnded } from './firstLook.ts';
import { openDrafts } from './drafts.ts';
import type { Drafts } from './drafts.ts';
import { Drifts } from './drifts.ts';
import { Estate } from './estate.ts';
import { entriesAtOnce } from './history/nodes.ts';
import type { HistoryState } from './history/nodes.ts';
import { tellUnkept } from './keeping.ts';
import type { Unkept } from './keeping.ts';
import { openHistories } from './histories.ts';
import type { Histories } from './histories.ts';
import { readAndKeep } from './keptEstate.ts';
import { Operations } from './operations.ts';
import type { EditorPanel } from './panels/editorPanel.ts';
import { draftsFolder, driftFolder, historiesFolder, recordsFolder, treeViewId } from './places.ts';
import { openRecords } from './records.ts';
import type { Records } from './records.ts';
import { Surveys } from './surveys.ts';
import { openWatchFiles } from './watchFiles.ts';
import type { WatchFiles } from './watchFiles.ts';
import { Watches } from './watches.ts';
import { byTierOverrides, watchTierOverrides } from './tierOverrides.ts';

export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly estate: Estate;
  readonly surveys: Surveys;
  /** Whether gateways reach their backends. */
  readonly connectivity: ConnectivityChecks;
  readonly operations: Operations;
  /** The changes of all instances of the estate that is open now. */
  readonly histories: Histories;
  readonly drafts: Drafts;
  readonly drifts: Drifts;
  readonly watches: Watches;
  /** Changes of several instances. */
  readonly batches: BatchDoor;
  readonly documents: Documents;
  /** Open editor panels by `idKey` of their instance. */
  readonly editors: Map<string, EditorPanel>;
  /** Fires when the tree is grouped or filtered in another way. */
  readonly viewChanged: EventEmitter<void>;
  /** How many rows of a long group the tree shows, by the group's id; not there: as many as at first. */
  readonly rowLimits: Map<string, number>;
  readonly historyState: HistoryState;
  readonly unkept: Unkept;
  /** Of the estate that is open now: the sample estate keeps its own. */
  records(): Records;
  /** Opens the connection at first use; later calls share it. */
  connection(): Promise<Connection>;
  /** Reads the estate anew, over the present connection. */
  refresh(): Promise<void>;
  /** Drops the connection, so that the next use opens another (after sign-in or a change of settings). */
  reconnect(): Promise<void>;
  dispose(): void;
}

/** @param documentChanged fired with each document of ours that says something else from now on */
export function createServices(context: ExtensionContext, documentChanged: EventEmitter<Uri>): Services {
  const log = window.createOutputChannel('API Management TLS', { log: true });
  const unkept = tellUnkept(log);
  const estate = new Estate();
  const surveys = new Surveys();
  const connectivity = new ConnectivityChecks();
  const documents = openDocuments(surveys, documentChanged);
  const viewChanged = new EventEmitter<void>();
  const historyState: HistoryState = {
    limit: entriesAtOnce,
    names: new Set(),
    selection: [],
    changed: new EventEmitter(),
  };
  let opened: Promise<Connection> | undefined;

  const records = () => openRecords(recordsFolder(context, estateKind()));
  const connection = () => {
    opened ??= connect(context, log, () => void reconnect()).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  let watchFiles: { readonly folder: string; readonly files: WatchFiles } | undefined;
  const files = () => {
    const folder = recordsFolder(context, estateKind());
    if (watchFiles?.folder !== folder) watchFiles = { folder, files: openWatchFiles(folder, unkept) };
    return watchFiles.files;
  };
  const watches = new Watches({
    log,
    surveys,
    records,
    files,
    connection,
    undo: (watch) => undoWatched(services, watch),
  });
  const operations = new Operations({
    ...{ log, estate, surveys, records, connection, unkept },
    watch: (operation, outcome) => watchEnded(watches, operation, outcome),
  });
  const histories = openHistories(() => path.join(recordsFolder(context, estateKind()), historiesFolder));
  const drafts = openDrafts(() => path.join(recordsFolder(context, estateKind()), draftsFolder));
  const folder = () => driftFolder(context, estateKind());
  const drifts = new Drifts({ log, estate, operations, histories, folder, connection, unkept });
  const batches = openBatchDoor(
    () => services,
    () => recordsFolder(context, estateKind()),
  );
  async function refresh(): Promise<void> {
    // Begun before VS Code has its bar: who asks for rows meanwhile must see that they are being read.
    const reading = estate.refresh(async (progress) => {
      const open = await connection();
      estate.limited = open.chosen.tenants !== null || open.chosen.subscriptions !== null;
      return readAndKeep(context, open, {
        ...progress,
        kept: (reading, takenAt) =>
          progress.kept({ ...reading, instances: reading.instances.map(byTierOverrides()) }, takenAt),
      });
    });
    // The bar at the top of the view moves until the last row is there.
    await window.withProgress({ location: { viewId: treeViewId } }, () => reading);
    // With rows of an earlier session, the view itself says why there are no newer ones.
    if (estate.status === 'ready') void drifts.look(estate.instances, true);
    if (estate.status === 'failed' && estate.keptFrom === undefined) void showFailure(estate.failure, log);
  }

  async function reconnect(): Promise<void> {
    const old = opened;
    opened = undefined;
    batches.stop();
    operations.stop();
    drifts.clear();
    watches.stop();
    surveys.clear();
    connectivity.clear();
    // What they have read is of an account that may be left.
    for (const editor of services.editors.values()) editor.forget();
    estate.clear();
    await (await old?.catch(() => undefined))?.close();
    await refresh();
    await operations.resume();
    await watches.resume();
    await batches.resume();
  }

  const configuration = workspace.onDidChangeConfiguration((event) => {
    if (
      ['estate', 'cloud', 'customCloud', 'signIn', 'servicePrincipal'].some((name) =>
        event.affectsConfiguration(`apimTls.${name}`),
      )
    )
      void reconnect();
  });

  const overrides = watchTierOverrides(estate, log);

  // Another window may have begun a change meanwhile.
  const focus = window.onDidChangeWindowState(({ focused }) => {
    if (focused && estate.status === 'ready')
      void operations
        .resume()
        .then(() => watches.resume())
        .then(() => batches.resume());
  });

  const services: Services = {
    context,
    log,
    estate,
    surveys,
    connectivity,
    operations,
    histories,
    drafts,
    drifts,
    watches,
    batches,
    documents,
    editors: new Map(),
    viewChanged,
    rowLimits: new Map(),
    historyState,
    unkept,
    records,
    connection,
    refresh,
    reconnect,
    dispose: () => {
      batches.dispose();
      watches.dispose();
      drifts.dispose();
      operations.dispose();
      estate.dispose();
      surveys.dispose();
      connectivity.dispose();
      documents.dispose();
      viewChanged.dispose();
      historyState.changed.dispose();
      configuration.dispose();
      overrides.dispose();
      focus.dispose();
      log.dispose();
      void opened?.then((open) => open.close()).catch(() => undefined);
    },
  };
  return services;
}
