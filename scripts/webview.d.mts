// Types of webview.mjs, for the tests of the page.

/** Serves the stand-alone page on a free loopback port; `rebuild`: build again at each load. */
export declare function serveWebview(options?: { readonly rebuild?: boolean }): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}>;
