// The prober in a terminal: arguments in, a survey as JSON or text out.

import { reportNames } from '../core/tls/reportNames.ts';
import { surveyReport } from '../core/tls/surveyReport.ts';
import { ArgumentProblem, readArguments, usage, type CommandRequest } from './commandArguments.ts';
import { commandJson } from './commandJson.ts';
import { proxyFor } from './proxy.ts';
import { survey } from './survey.ts';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Never rejects. 0: a survey was made, whatever it says. 2: wrong arguments. 130: cancelled. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<0 | 2 | 130> {
  let request: CommandRequest | 'help';
  try {
    request = readArguments(args);
  } catch (error) {
    if (!(error instanceof ArgumentProblem)) throw error;
    terminal.error(`${error.message}\n\n${usage}\n`);
    return 2;
  }
  if (request === 'help') {
    terminal.out(`${usage}\n`);
    return 0;
  }
  const { endpoint, planned, options, json, path } = request;
  const { environment, signal } = terminal;
  const proxy = (to: typeof endpoint) => proxyFor(to, { environment });
  const result = await survey(endpoint, planned, { ...options, proxy, ...(signal && { signal }) });
  if (result.behaviour === 'cancelled') return 130;
  terminal.out(
    json ? `${JSON.stringify(commandJson(result, path), null, 2)}\n` : `${surveyReport(result, reportNames)}\n`,
  );
  return 0;
}
