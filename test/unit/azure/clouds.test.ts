// The endpoints of clouds, and what settings of a custom cloud are refused.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { authorityOrigins, clouds, customCloud, isCloud, portalUrl } from '../../../src/azure/clouds.ts';
import type { CustomCloud } from '../../../src/azure/clouds.ts';

const sound: CustomCloud = {
  resourceManager: 'https://arm.contoso.example:8443/',
  authority: 'https://login.contoso.example',
  audience: '',
  logAnalytics: 'https://logs.contoso.example',
  keyVaultSuffix: 'vault.contoso.example',
  portal: '',
};

function made(settings: Partial<CustomCloud>) {
  const cloud = customCloud({ ...sound, ...settings });
  assert.ok(isCloud(cloud), JSON.stringify(cloud));
  return cloud;
}

describe('clouds', () => {
  it('name https addresses only, each cloud its own', () => {
    const seen = new Set<string>();
    for (const cloud of Object.values(clouds)) {
      for (const url of [cloud.arm, cloud.logs, cloud.portal, ...authorityOrigins(cloud)]) {
        assert.equal(new URL(url ?? '').protocol, 'https:');
        assert.ok(!seen.has(url ?? ''), `${url} is in two clouds`);
        seen.add(url ?? '');
      }
    }
  });

  it('of the settings take what they say and nothing of the public one', () => {
    const cloud = made({});
    assert.equal(cloud.arm, 'https://arm.contoso.example:8443');
    assert.equal(cloud.armScope, 'https://arm.contoso.example:8443/.default');
    assert.equal(cloud.logs, 'https://logs.contoso.example');
    assert.equal(cloud.keyVaultSuffix, '.vault.contoso.example');
    assert.deepEqual(authorityOrigins(cloud), ['https://login.contoso.example']);
    assert.equal(cloud.portal, null);
    assert.equal(portalUrl(cloud, 'tenant', '/id'), '');
    assert.doesNotMatch(JSON.stringify(cloud), /azure\.com|windows\.net|microsoft/);
  });

  it('of the settings ask for tokens of the audience that they state, letter by letter', () => {
    const audiences = ['https://management.core.contoso.example/', 'api://9a4a4f0e-5c5c-4c46-9d8c-4a24b4c4d111'];
    for (const audience of audiences) assert.equal(made({ audience }).armScope, `${audience}/.default`);
  });

  const refused: readonly [Partial<CustomCloud>, keyof CustomCloud, string][] = [
    [{ resourceManager: '' }, 'resourceManager', 'missing'],
    [{ authority: '  ' }, 'authority', 'missing'],
    [{ resourceManager: 'http://arm.contoso.example' }, 'resourceManager', 'notHttps'],
    [{ authority: 'http://127.0.0.1:8080' }, 'authority', 'notHttps'],
    [{ logAnalytics: 'ftp://logs.contoso.example' }, 'logAnalytics', 'notHttps'],
    [{ portal: 'http://portal.contoso.example' }, 'portal', 'notHttps'],
    [{ audience: 'http://management.contoso.example' }, 'audience', 'notHttps'],
    [{ resourceManager: 'arm.contoso.example' }, 'resourceManager', 'notAddress'],
    [{ authority: 'https://' }, 'authority', 'notAddress'],
    [{ authority: 'https://user:word@login.contoso.example' }, 'authority', 'credentials'],
    [{ keyVaultSuffix: '.example' }, 'keyVaultSuffix', 'notSuffix'],
    [{ keyVaultSuffix: 'vault.contoso.example/x' }, 'keyVaultSuffix', 'notSuffix'],
  ];
  for (const [settings, setting, why] of refused) {
    it(`of the settings are refused for ${JSON.stringify(settings)}`, () => {
      const problem = customCloud({ ...sound, ...settings });
      assert.ok(!isCloud(problem));
      assert.deepEqual([problem.setting, problem.why], [setting, why]);
    });
  }

  it('of any settings name no address that is not https', () => {
    const text = fc.oneof(fc.webUrl({ validSchemes: ['http', 'https'] }), fc.string(), fc.constant(''));
    fc.assert(
      fc.property(text, text, text, text, (resourceManager, authority, logAnalytics, portal) => {
        const cloud = customCloud({ ...sound, resourceManager, authority, logAnalytics, portal });
        if (!isCloud(cloud)) return;
        for (const url of [cloud.arm, cloud.authority, cloud.logs, cloud.portal])
          assert.ok(url === null || new URL(url).protocol === 'https:');
      }),
    );
  });
});
