// Types of codeServer.mjs for the tests.
export type Settings = Readonly<Record<string, unknown>>;

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  output(): string;
  stop(): Promise<void>;
}

export interface Folders {
  readonly entry: string;
  readonly userDataDir: string;
  readonly extensionsDir: string;
}

export interface ServerOptions extends Folders {
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly extra?: readonly string[];
  readonly log?: string;
}

export const quietSettings: Settings;
export const extensionFiles: readonly string[];
export function writeSettings(userDataDir: string, settings?: Settings): void;
export function placeExtension(extensionsDir: string, from?: string): string;
export function startCodeServer(options: ServerOptions): Promise<RunningServer>;
export function installVsix(options: Folders & { readonly vsix: string }): Promise<readonly string[]>;
