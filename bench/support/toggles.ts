// Toggles a setting of the editor page, and reads how long the page says that each redraw took.
import type { Locator } from 'playwright-core';

const count = 30;

/** Milliseconds of 30 redraws after one that is not counted, each from the event until the page is laid out anew. */
export async function toggleTimes(body: Locator, label: string): Promise<readonly number[]> {
  const box = body.getByRole('checkbox', { name: label, exact: true });
  await box.click();
  await body.evaluate('performance.clearMeasures("apim-tls:toggle")');
  for (let done = 0; done < count; done += 1) await box.click();
  const times: number[] = await body.evaluate(
    'performance.getEntriesByName("apim-tls:toggle").map(({ duration }) => duration)',
  );
  if (times.length !== count) throw new Error(`${count} toggles were measured ${times.length} times.`);
  return times;
}
