// Types of setup.mjs for the tests.
export function ensureChromium(): Promise<string>;
export function ensureVsCodeServer(): Promise<string>;
export function ensureDebianTools(commands?: readonly string[]): Promise<void>;
export function ensureAll(): Promise<{ readonly chromium: string; readonly codeServer: string }>;
