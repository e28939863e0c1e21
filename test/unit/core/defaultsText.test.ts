import assert from 'node:assert/strict';
import { defaultsText, shownSuitesText } from '../../../src/core/defaultsText.ts';
import { settings } from '../../../src/core/tls/settings.ts';
import { instance } from '../../support/instances.ts';

describe('defaults in words', () => {
  it('say which defaults an instance has by its day of creation, or that the day is not known', () => {
    assert.match(
      defaultsText(instance({ createdAt: '2016-02-03T00:00:00Z' })),
      /on or before 2018-04-01, and off in later ones\. This one was created on 2016-02-03\.$/,
    );
    for (const createdAt of [null, 'some day'])
      assert.match(defaultsText(instance({ createdAt })), /does not state when this one was created/);
  });

  it('are silent where the map leaves nothing open, or is not known', () => {
    const all = Object.fromEntries(settings.flatMap(({ keys }) => keys).map((name) => [name, 'False']));
    assert.equal(defaultsText(instance({ customProperties: all })), '');
    assert.equal(defaultsText(instance({ customProperties: null })), '');
  });

  it('say of tiers without a choice of suites that the suites shown are not confirmed', () => {
    assert.match(shownSuitesText('StandardV2'), /StandardV2 tier.*not confirmed/);
    assert.equal(shownSuitesText('Premium'), '');
  });
});
