// Every command: id -> function. Called with the row it was chosen on and the selected rows, or with nothing.

import { Uri, commands, env, l10n, window } from 'vscode';
import { portalUrl } from '../../azure/clouds.ts';
import { failureDetails } from '../../core/failure.ts';
import type { EstateFailure, Subscription } from '../../core/instance.ts';
import { inParallel } from '../../core/parallel.ts';
import { changeText } from '../../core/settingText.ts';
import { durationText, resultText } from '../../core/wording.ts';
import { changesBetween } from '../../core/tls/draft.ts';
import { readSettings } from '../../core/tls/settings.ts';
import { failureText, told } from '../errors.ts';
import * as history from '../history/commands.ts';
import { openEditor } from '../panels/editors.ts';
import { treeViewId } from '../places.ts';
import type { Services } from '../services.ts';
import { changeView, showMore } from '../tree/tree.ts';
import type { Node } from '../tree/nodes.ts';
import { changeSeveral } from './changeSeveral.ts';
import { checkConnectivity } from './connectivity.ts';
import { compareWithPlan, pickPlan } from './compare.ts';
import { acceptDrift, showDrift } from './drift.ts';
import { instancesFor } from './pick.ts';
import type { Target } from './pick.ts';
import { checkPlan, copyPlan, openPlan, savePlan } from './plan.ts';
import { applyPreset } from './preset.ts';
import { showReadiness } from './readiness.ts';
import { probeBackends, probeGateways, probeHost } from './probe.ts';
import {
  chooseAccounts,
  chooseSubscriptions,
  forgetServicePrincipalSecret,
  setEstate,
  signIn,
  signOut,
  storeServicePrincipalSecret,
} from './signIn.ts';
import { compareSurveys, copySurvey, probeAgain, saveSurvey } from './survey.ts';
import { filter, groupBy } from './view.ts';

export type Command = (
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
) => Promise<void> | void;

export const commandTable: Readonly<Record<string, Command>> = {
  'apimTls.signIn': signIn,
  'apimTls.signOut': signOut,
  'apimTls.chooseAccounts': chooseAccounts,
  'apimTls.chooseSubscriptions': chooseSubscriptions,
  'apimTls.storeSecret': storeServicePrincipalSecret,
  'apimTls.forgetSecret': forgetServicePrincipalSecret,
  'apimTls.openSample': () => setEstate('sample'),
  'apimTls.closeSample': () => setEstate('azure'),
  'apimTls.resetSample': resetSample,
  'apimTls.refresh': (services) => services.refresh(),
  'apimTls.retry': retry,
  'apimTls.edit': async (services, target, selection) => {
    for (const { id, name } of await instancesFor(services, target, selection)) openEditor(services, id, name);
  },
  'apimTls.probeBackends': async (services, target, selection) => {
    const instances = await instancesFor(services, target, selection);
    if (instances.length > 0) await probeBackends(services, instances);
  },
  'apimTls.probeGateway': async (services, target, selection) => {
    const instances = await instancesFor(services, target, selection);
    if (instances.length > 0) await probeGateways(services, instances);
  },
  'apimTls.probeHost': (services, target) => probeHost(services, target),
  'apimTls.checkConnectivity': checkConnectivity,
  'apimTls.probeAgain': probeAgain,
  'apimTls.copySurvey': copySurvey,
  'apimTls.saveSurvey': saveSurvey,
  'apimTls.compareSurveys': compareSurveys,
  'apimTls.compare': async (services, target, selection) => {
    const [instance] = await instancesFor(services, target, selection);
    if (!instance) return;
    const draft = await services.drafts.of(instance.id);
    const changes = await pickPlan(instance, draft?.changes);
    if (changes) await compareWithPlan(services, instance, changes);
  },
  'apimTls.applyPreset': async (services, target, selection) => {
    const instances = await instancesFor(services, target, selection);
    if (instances.length > 0) await applyPreset(services, instances);
  },
  'apimTls.changeSeveral': changeSeveral,
  'apimTls.showBatches': (services) => services.batches.show(),
  'apimTls.savePlan': savePlan,
  'apimTls.copyPlan': copyPlan,
  'apimTls.openPlan': openPlan,
  'apimTls.checkPlan': checkPlan,
  'apimTls.readiness': showReadiness,
  'apimTls.undo': undo,
  'apimTls.showDrift': showDrift,
  'apimTls.acceptDrift': acceptDrift,
  'apimTls.showHistory': history.showHistory,
  'apimTls.showAllHistory': (services) => history.showAllHistory(services, true),
  'apimTls.followSelection': (services) => history.showAllHistory(services, false),
  'apimTls.showMoreHistory': (services) => history.showMoreHistory(services),
  'apimTls.showChange': history.showChange,
  'apimTls.compareHistory': history.compareHistory,
  'apimTls.compareWithNow': history.compareWithNow,
  'apimTls.undoChange': history.undoChange,
  'apimTls.goBackBefore': (services, target, selection) => history.goBack(services, [target, selection], 'before'),
  'apimTls.goBackAfter': (services, target, selection) => history.goBack(services, [target, selection], 'after'),
  'apimTls.copyHistory': history.copyHistory,
  'apimTls.saveHistory': history.saveHistory,
  'apimTls.revealHistory': history.revealHistory,
  'apimTls.openInPortal': openInPortal,
  'apimTls.copyId': async (services, target, selection) => {
    const instances = await instancesFor(services, target, selection);
    if (instances.length === 0) return;
    await env.clipboard.writeText(instances.map(({ id }) => id).join('\n'));
    window.setStatusBarMessage(l10n.t('Copied: {0}', instances.map(({ name }) => name).join(', ')), 3000);
  },
  'apimTls.groupBy': (services, target) => groupBy(services, target),
  'apimTls.filter': (services, target) => filter(services, target),
  'apimTls.clearFilter': (services) => changeView(services, { filter: '', onlyWeak: false }),
  'apimTls.showOnlyWeak': (services) => changeView(services, { onlyWeak: true }),
  'apimTls.showAll': (services) => changeView(services, { onlyWeak: false }),
  'apimTls.showMore': (services, target) => showMore(services, target),
  'apimTls.showLog': (services) => services.log.show(),
  'apimTls.showOperations': showOperations,
  'apimTls.openSettings': () => commands.executeCommand('workbench.action.openSettings', 'apimTls') as Promise<void>,
};

async function resetSample(services: Services): Promise<void> {
  const { sample } = await services.connection();
  if (!sample) return;
  services.batches.stop();
  services.operations.stop();
  services.watches.stop();
  await services.records().clear();
  sample.reset();
  await services.reconnect();
}

async function retry(services: Services, target: Target): Promise<void> {
  if (typeof target === 'object' && target.kind === 'notAsked') return askEach(services, target.subscriptions);
  const failure = typeof target === 'object' && target.kind === 'failure' ? target.failure : undefined;
  if (!failure || failure.scope !== 'subscription') return services.refresh();
  const { azure } = await services.connection();
  const subscription = services.estate.subscriptions.find(({ id }) => id === failure.id);
  if (!subscription) return services.refresh();
  try {
    services.estate.putSubscription(failure.id, await azure.readSubscription(subscription));
  } catch (error) {
    const again: EstateFailure = { ...failure, message: failureText(error) };
    services.estate.putFailure(again);
    throw error;
  }
}

/** Reads subscriptions one by one, those of which only Resource Graph has said that they have no instances. */
async function askEach(services: Services, subscriptions: readonly Subscription[]): Promise<void> {
  const { azure } = await services.connection();
  const title = l10n.t('Asking {0} subscriptions', subscriptions.length);
  const location = { viewId: treeViewId };
  await window.withProgress({ location, title }, () =>
    inParallel(subscriptions, 6, async (subscription) => {
      const { id, name } = subscription;
      try {
        services.estate.putSubscription(id, await azure.readSubscription(subscription));
      } catch (error) {
        const { code, serviceCode } = failureDetails(error);
        const message = failureText(error);
        services.estate.putFailure({ scope: 'subscription', id, name, code: serviceCode ?? code, message });
      }
    }),
  );
}

async function undo(services: Services, target: Target, selection: readonly Node[] | undefined): Promise<void> {
  const [instance] = await instancesFor(services, target, selection);
  if (!instance) return;
  const { entries } = await services.records().history(instance.id);
  const done = entries.filter(({ result }) => result === 'done' || result === 'different');
  if (done.length === 0) {
    void window.showInformationMessage(l10n.t('{0}: no change was made from here yet.', instance.name));
    return;
  }
  const picked = await window.showQuickPick(
    done.map((entry) => {
      const changes = changesBetween(
        readSettings({ ...instance, customProperties: entry.before }),
        readSettings({ ...instance, customProperties: entry.after }),
      );
      return {
        label: new Date(entry.startedAt).toLocaleString(env.language, { dateStyle: 'medium', timeStyle: 'short' }),
        description: `${entry.who}, ${resultText(entry.result)}`,
        detail: changes.map(changeText).join('; '),
        entry,
      };
    }),
    { title: l10n.t('Undo a change of {0}', instance.name) },
  );
  if (!picked) return;
  const { undoEntry } = await import('../changes.ts');
  await undoEntry(services, picked.entry, instance.name);
}

async function openInPortal(services: Services, target: Target, selection: readonly Node[] | undefined): Promise<void> {
  const [instance] = await instancesFor(services, target, selection);
  if (!instance) return;
  const { cloud, sample } = await services.connection();
  if (sample) throw told(l10n.t('{0} is part of the sample estate and is not in the portal.', instance.name));
  const url = portalUrl(cloud, instance.tenantId, instance.id);
  if (url === '')
    throw told(l10n.t('The custom cloud names no portal. Set apimTls.customCloud.portal to its address.'));
  await env.openExternal(Uri.parse(url));
}

async function showOperations(services: Services): Promise<void> {
  const running = services.operations.running;
  if (running.length === 0) {
    void window.showInformationMessage(l10n.t('No change is running.'));
    return;
  }
  const open = l10n.t('Show log');
  const items = running.map((operation) => ({
    label: operation.instanceName,
    description: l10n.t('for {0}', durationText(Date.now() - Date.parse(operation.startedAt))),
    operation,
  }));
  const picked = await window.showQuickPick([...items, { label: open, description: '', operation: undefined }], {
    title: l10n.t('Running changes'),
  });
  if (picked?.operation) openEditor(services, picked.operation.instanceId, picked.operation.instanceName);
  else if (picked) services.log.show();
}
