// What a change came to, in one or two sentences. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { failureSentence } from './failureText.ts';
import type { Operation } from './history.ts';
import { sameId } from './instance.ts';
import type { ApplyRefusal, EndedOutcome } from './outcome.ts';
import { findingText } from './findingText.ts';
import { durationText, keysText } from './wording.ts';

export function refusalText(refusal: ApplyRefusal): string {
  switch (refusal.reason) {
    case 'blocked':
      return refusal.blockers.map(findingText).join(' ');
    case 'nothingToChange':
      return l10n.t('There is nothing to save: the instance already has these settings.');
    case 'busy':
      return l10n.t(
        'Azure is changing this instance ({0}). Nothing was written. Wait until it has finished.',
        refusal.state,
      );
    case 'changed': {
      const keys = keysText(refusal.differences.map(({ key }) => key));
      return keys === ''
        ? l10n.t('The instance was changed elsewhere since it was read. Nothing was written. Review and try again.')
        : l10n.t(
            'The instance was changed elsewhere since it was read: {0}. Nothing was written. Review and try again.',
            keys,
          );
    }
    case 'service':
    case 'notWritten':
      return l10n.t('Nothing was written. {0}', failureSentence(refusal.failure));
  }
}

export function outcomeText(operation: Operation, outcome: EndedOutcome): string {
  const moved = 'instance' in outcome && !sameId(outcome.instance.id, operation.instanceId);
  const ended = endedText(operation, outcome);
  return moved ? `${ended} ${l10n.t('The instance has been moved to {0}.', outcome.instance.id)}` : ended;
}

function endedText(operation: Operation, outcome: EndedOutcome): string {
  const name = operation.instanceName;
  const { entry } = outcome;
  const took = entry.endedAt ? durationText(Date.parse(entry.endedAt) - Date.parse(entry.startedAt)) : '';
  switch (outcome.kind) {
    case 'done':
      return operation.kind === 'undo'
        ? l10n.t('{0}: the change is undone and read back. It took {1}.', name, took)
        : l10n.t('{0}: the change is done and read back as sent. It took {1}.', name, took);
    case 'different':
      return l10n.t(
        '{0}: the change has ended, but Azure holds other values than were sent: {1}.',
        name,
        keysText(outcome.keys.map(({ key }) => key)),
      );
    case 'notWritten':
      return l10n.t('{0}: Azure never took the change. Nothing was written.', name);
    case 'failed':
      return l10n.t('{0}: Azure could not carry out the change. {1}', name, entry.detail);
    case 'unknown':
      return l10n.t('{0}: how the change ended is not known. {1}', name, failureSentence(outcome.failure));
  }
}
