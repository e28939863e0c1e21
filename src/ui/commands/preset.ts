// Applying a preset without the editor: the same check, plan and confirmation, for one instance after the other.

import { ProgressLocation, l10n, window } from 'vscode';
import { hostAndPort } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { presetChanges, presetIds } from '../../core/tls/presets.ts';
import type { PresetId } from '../../core/tls/presets.ts';
import { changeCountText, presetDescription, presetLabel } from '../../core/wording.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import { abortOn } from '../cancellation.ts';
import type { Services } from '../services.ts';

function countText(instance: Instance, preset: PresetId, named: boolean): string {
  const count = changeCountText(Object.keys(presetChanges(instance, preset)).length);
  return named ? `${instance.name}: ${count}` : count;
}

async function pickPreset(instances: readonly Instance[]): Promise<PresetId | undefined> {
  const items = presetIds.map((preset) => ({
    label: presetLabel(preset),
    description: instances.map((one) => countText(one, preset, instances.length > 1)).join(', '),
    detail: presetDescription(preset),
    preset,
  }));
  const title = l10n.t('Apply to {0}', instances.map(({ name }) => name).join(', '));
  return (await window.showQuickPick(items, { title, matchOnDetail: true }))?.preset;
}

export async function applyPreset(services: Services, instances: readonly Instance[]): Promise<void> {
  const preset = await pickPreset(instances);
  if (!preset) return;
  for (const instance of instances) await applyTo(services, instance, preset);
}

async function applyTo(services: Services, listed: Instance, preset: PresetId): Promise<void> {
  const { applyDraft, checkDraft, checkTraffic } = await import('../changes.ts');
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
        { traffic: checkTraffic },
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
