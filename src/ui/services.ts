// Everything that lives as long as the window, built once and handed to each part of the UI.

import path from 'node:path';
import { commands, window, workspace } from 'vscode';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { estateKind } from './config.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { Estate } from './estate.ts';
import { Operations } from './operations.ts';
import { openRecords } from './records.ts';
import type { Records } from './records.ts';
import { Surveys } from './surveys.ts';
import { readText } from './text.ts';

export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly estate: Estate;
  readonly surveys: Surveys;
  readonly operations: Operations;
  /** Of the estate that is open now: the sample estate keeps its own. */
  records(): Records;
  /** Opens the connection at first use; later calls share it. */
  connection(): Promise<Connection>;
  /** Reads the estate anew, over the present connection. */
  refresh(): Promise<void>;
  /** Drops the connection, so that the next use opens another (after sign-in or a change of settings). */
  reconnect(): Promise<void>;
  /** Begins work that must not delay activation. */
  start(): void;
  dispose(): void;
}

export function createServices(context: ExtensionContext): Services {
  const log = window.createOutputChannel('API Management TLS', { log: true });
  const estate = new Estate();
  const surveys = new Surveys();
  let opened: Promise<Connection> | undefined;

  const records = () => openRecords(path.join(context.globalStorageUri.fsPath, estateKind(), 'records'));
  const connection = () => {
    opened ??= connect(context, log).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const operations = new Operations({ log, estate, surveys, records, connection });
  const refresh = () =>
    estate.refresh(async (onPage) => {
      const { azure } = await connection();
      return azure.readEstate({ onPage });
    });

  async function reconnect(): Promise<void> {
    const old = opened;
    opened = undefined;
    operations.stop();
    surveys.clear();
    estate.clear();
    await (await old?.catch(() => undefined))?.close();
    await commands.executeCommand('setContext', 'apimTls.sample', estateKind() === 'sample');
    await refresh();
    await operations.resume();
  }

  const configuration = workspace.onDidChangeConfiguration((event) => {
    if (['estate', 'cloud', 'signIn'].some((name) => event.affectsConfiguration(`apimTls.${name}`))) void reconnect();
  });

  // Another window may have begun a change meanwhile.
  const focus = window.onDidChangeWindowState(({ focused }) => {
    if (focused && estate.status === 'ready') void operations.resume();
  });

  return {
    context,
    log,
    estate,
    surveys,
    operations,
    records,
    connection,
    refresh,
    reconnect,
    start: () => {
      // After activation, never in it: a change that was running when the window closed is followed on.
      setImmediate(() => {
        void commands.executeCommand('setContext', 'apimTls.sample', estateKind() === 'sample');
        readText();
        void operations.resume();
      });
    },
    dispose: () => {
      operations.dispose();
      estate.dispose();
      surveys.dispose();
      configuration.dispose();
      focus.dispose();
      log.dispose();
      void opened?.then((open) => open.close()).catch(() => undefined);
    },
  };
}
