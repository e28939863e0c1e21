// What the page itself works for each frame, by Chromium's own trace: the processor time of its main thread.

import type { CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly type?: string } };
}

export interface Frame {
  /** Milliseconds of processor time from one frame to the next, all in all but for tidying up when nothing was due. */
  readonly whole: number;
  /** Without the browser's own drawing: layout, paint, commit. */
  readonly script: number;
}

/** The garbage collector's tidying up by a task of low priority, which the browser runs when nothing else is due. */
const tidying = 'CppGC.SweepInLowPriorityTask';

/** Names the moment from which on work counts: to begin a trace, and to ask the page anything at all, is work as well. */
const beginMark = 'apim-tls-frames-begin';

/** What the main thread worked for each frame while `work` ran. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<readonly Frame[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'toplevel',
        'cppgc',
        'blink.user_timing',
        'devtools.timeline',
        'disabled-by-default-devtools.timeline',
      ],
    },
  });
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await page.evaluate(`performance.mark('${beginMark}')`);
  await work();
  await ended(session);
  await session.detach();
  return frames(events, mainThread(events));
}

/** As `framesDuring`, all in all. */
export async function workPerFrame(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  return (await framesDuring(page, work)).map(({ whole }) => whole);
}

async function ended(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
}

/** The thread that lays the page out. */
function mainThread(events: readonly TraceEvent[]): string {
  const counts = new Map<string, number>();
  for (const { name, pid, tid } of events)
    if (name === 'Layout' || name === 'UpdateLayoutTree')
      counts.set(`${pid} ${tid}`, (counts.get(`${pid} ${tid}`) ?? 0) + 1);
  const [busiest] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!busiest) throw new Error('The page laid nothing out.');
  return busiest[0];
}

function frames(events: readonly TraceEvent[], thread: string): Frame[] {
  const begin = events.find(({ name }) => name === beginMark);
  if (!begin) throw new Error('The trace does not tell where the work begins.');
  const own = events
    .filter(({ pid, tid, ts }) => `${pid} ${tid}` === thread && ts > begin.ts)
    .sort((a, b) => a.ts - b.ts);
  const tidied = own.filter(({ name }) => name === tidying).map(({ ts }) => ts);
  const tasks = own.filter(
    ({ name, ph, ts, dur = 0 }) => ph === 'X' && name === 'RunTask' && !tidied.some((at) => at >= ts && at <= ts + dur),
  );
  const begun = own.filter(({ name }) => name === 'Commit').map(({ ts }) => ts);
  const found: Frame[] = [];
  let script = 0;
  let next = 0;
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    const drawn = begun[next];
    if (drawn === undefined || drawn > ts + dur) {
      script += tdur / 1000;
      continue;
    }
    while (next < begun.length && (begun[next] ?? 0) <= ts + dur) next += 1;
    found.push({ whole: script + tdur / 1000, script });
    script = 0;
  }
  return found;
}
