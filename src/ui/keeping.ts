// What cannot be written to the folder of the extension: said once in each window, and nothing is lost track of.

import { l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { failureText, fileProblemText, told } from './errors.ts';
import type { Records } from './records.ts';

/** Told of each writing that came to nothing. */
export type Unkept = (error: unknown) => void;

/** Every failure goes to the log; the first that is one of the disk is a message. */
export function tellUnkept(log: LogOutputChannel): Unkept {
  let isTold = false;
  return (error) => {
    log.warn(`Something could not be kept: ${failureText(error)}`);
    const problem = fileProblemText(error);
    if (isTold || problem === null) return;
    isTold = true;
    const showLog = l10n.t('Show log');
    const text = l10n.t(
      'API Management TLS can keep nothing in its folder. {0} Until it can, nothing can be changed from here, a draft lasts as long as its editor is open, and instances that changed elsewhere are marked in the list without a message.',
      problem,
    );
    void window.showWarningMessage(text, showLog).then((choice) => {
      if (choice === showLog) log.show();
    });
  };
}

/** What a change is written down by once Azure has it: a line that cannot be written must not hide how it ended. */
export interface EndRecords extends Pick<Records, 'record' | 'forget'> {
  /** Everything was written. Where it was not, the operation is still kept, for a window that can write. */
  readonly isWhole: () => boolean;
}

export function endRecords(records: Pick<Records, 'record' | 'forget'>, unkept: Unkept): EndRecords {
  let isWhole = true;
  const attempt = async (work: () => Promise<void>) => {
    try {
      if (isWhole) await work();
    } catch (error) {
      isWhole = false;
      unkept(error);
    }
  };
  return {
    record: (entry) => attempt(() => records.record(entry)),
    forget: (operationId) => attempt(() => records.forget(operationId)),
    isWhole: () => isWhole,
  };
}

/** For a change that is about to be sent: `keep` rejects with a sentence, and nothing is sent then. */
export function changeRecords(
  records: Pick<Records, 'keep' | 'record' | 'forget'>,
  unkept: Unkept,
): Pick<Records, 'keep' | 'record' | 'forget'> {
  const { record, forget } = endRecords(records, unkept);
  return {
    record,
    forget,
    keep: (operation) =>
      records.keep(operation).catch((error: unknown) => {
        unkept(error);
        throw told(l10n.t('Nothing was sent, because the change must be written down first. {0}', failureText(error)));
      }),
  };
}
