// Applying a preset without the editor: the same check, plan and confirmation. For several instances, the page for them.

import { ProgressLocation, l10n, window } from 'vscode';
import { hostAndPort } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { presetChanges, presetIds } from '../../core/tls/presets.ts';
import type { PresetId } from '../../core/tls/presets.ts';
import { changeCountText, presetDescription, presetLabel } from '../../core/wording.ts';
import { usualLogs } from '../../flows/checkLogs.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import { abortOn } from '../cancellation.ts';
import type { Services } from '../services.ts';
import { openBatch } from './changeSeveral.ts';

async function pickPreset(instance: Instance): Promise<PresetId | undefined> {
  const items = presetIds.map((preset) => ({
    label: presetLabel(preset),
    description: changeCountText(Object.keys(presetChanges(instance, preset)).length),
    detail: presetDescription(preset),
    preset,
  }));
  const title = l10n.t('Apply to {0}', instance.name);
  return (await window.showQuickPick(items, { title, matchOnDetail: true }))?.preset;
}

export async function applyPreset(services: Services, instances: readonly Instance[]): Promise<void> {
  const [only, ...others] = instances;
  if (!only) return;
  if (others.length > 0) return openBatch(services, instances, null);
  const preset = await pickPreset(only);
  if (preset) await applyTo(services, only, preset);
}

async function applyTo(services: Services, listed: Instance, preset: PresetId): Promise<void> {
  const { applyDraft, checkDraft } = await import('../changes.ts');
  const { azure } = await services.connection();
  const instance = await azure.readInstance(listed.id);
  services.estate.put(instance);
  const changes = presetChanges(instance, preset);
  if (Object.keys(changes).length === 0) {
    void window.showInformationMessage(l10n.t('{0} is so already: there is nothing to change.', instance.name));
    return;
  }
  let seen: Pick<CheckSnapshot, 'backends' | 'unreadable' | 'traffic' | 'trafficFailure'> = {
    backends: null,
    unreadable: [],
    traffic: null,
    trafficFailure: null,
  };
  await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Checking {0}', instance.name), cancellable: true },
    (progress, token) =>
      checkDraft(
        services,
        instance.id,
        changes,
        abortOn(token),
        ({ done, total, ...snapshot }) => {
          seen = snapshot;
          progress.report({ message: l10n.t('{0} of {1} hosts', done, total) });
        },
        { traffic: usualLogs },
      ),
  );
  const { backends, unreadable, traffic, trafficFailure } = seen;
  const checked = services.estate.instance(instance.id) ?? instance;
  await applyDraft(
    services,
    {
      instance: checked,
      backends,
      unreadable,
      surveys: services.surveys.of((backends ?? []).map(hostAndPort)),
      traffic,
      trafficFailure,
    },
    changes,
  );
}
