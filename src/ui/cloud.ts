// The cloud that the settings name, and what of them cannot be used, as a sentence that names the setting.

import { l10n } from 'vscode';
import { clouds, customCloud, isCloud } from '../azure/clouds.ts';
import type { Cloud, CloudProblem } from '../azure/clouds.ts';
import { textSetting } from './config.ts';
import { told } from './errors.ts';

/** Throws a sentence for the user where the settings name none that can be used. */
export function chosenCloud(): Cloud {
  const name = textSetting('cloud');
  if (name !== 'custom') return clouds[name === 'usGovernment' || name === 'china' ? name : 'public'];
  const cloud = customCloud({
    resourceManager: textSetting('customCloud.resourceManager'),
    authority: textSetting('customCloud.authority'),
    audience: textSetting('customCloud.audience'),
    logAnalytics: textSetting('customCloud.logAnalytics'),
    keyVaultSuffix: textSetting('customCloud.keyVaultSuffix'),
    portal: textSetting('customCloud.portal'),
  });
  if (isCloud(cloud)) return cloud;
  throw told(cloudProblemText(cloud));
}

export function cloudProblemText({ setting, why, value }: CloudProblem): string {
  const name = `apimTls.customCloud.${setting}`;
  switch (why) {
    case 'missing':
      return l10n.t('The custom cloud is not complete. Set {0} to an address that begins with https://.', name);
    case 'notAddress':
      return l10n.t('The setting {0} is no address: "{1}". Set it to one that begins with https://.', name, value);
    case 'notHttps':
      return l10n.t(
        'The setting {0} must begin with https://, so that no token travels unprotected. It is "{1}".',
        name,
        value,
      );
    case 'credentials':
      return l10n.t('The setting {0} must not hold a user name or password. Take it out of the address.', name);
    case 'notSuffix':
      return l10n.t('The setting {0} is no end of a host name, such as .vault.azure.net: "{1}".', name, value);
  }
}
