// Runs mocha inside the extension host. Bundled by run.ts together with the tests.
import Mocha from 'mocha';
import { Reporter } from '../reporter.ts';

/** `load` brings in the test files. Rejects when a test fails or none ran, which makes VS Code end with code 1. */
export async function runSuite(load: () => Promise<void>): Promise<void> {
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 30_000,
    forbidOnly: true,
    forbidPending: true,
    reporter: Reporter as never,
    reporterOptions: { stay: true },
  });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await load();
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const ran = runner.stats?.tests ?? 0;
      if (failures > 0) reject(new Error(`${failures} of ${ran} tests failed.`));
      else resolve();
    });
  });
}
