import assert from 'node:assert/strict';
import { instanceFindings, isWeak } from '../../../src/core/tls/state.ts';
import { durationText, keysText, summaryText } from '../../../src/core/wording.ts';
import { instance, key } from '../../support/instances.ts';

describe('wording', () => {
  it('says the state of an instance in one line', () => {
    const cases: [Parameters<typeof instance>[0], string][] = [
      [{ createdAt: '2016-01-01T00:00:00Z' }, 'TLS 1.0+ in, TLS 1.0+ out, 3DES on'],
      [{ createdAt: '2022-01-01T00:00:00Z' }, 'TLS 1.2+ in, TLS 1.2 out'],
      [
        {
          customProperties: {
            [key('Security.Protocols.Tls13')]: 'False',
            [key('Security.Backend.Protocols.Tls13')]: 'True',
          },
        },
        'TLS 1.2 in, TLS 1.2+ out',
      ],
      [{ customProperties: { [key('Security.Protocols.Tls10')]: 'True' } }, 'TLS 1.0, TLS 1.2+ in, TLS 1.2 out'],
      [{ customProperties: null }, 'settings not stated'],
      [{ createdAt: null }, 'not stated in, not stated out'],
    ];
    for (const [change, text] of cases) assert.equal(summaryText(instance(change)), text);
  });

  it('counts an instance as weak only for retired protocols and 3DES', () => {
    assert.equal(isWeak(instance({ createdAt: '2016-01-01T00:00:00Z' })), true);
    assert.equal(isWeak(instance({})), false);
    assert.equal(
      isWeak(instance({ customProperties: { [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'True' } })),
      true,
    );
    assert.ok(instanceFindings(instance({})).some(({ code }) => code === 'weakSuites'));
  });

  it('gives every duration its unit', () => {
    assert.deepEqual([0, 999, 59_000, 61_000, 720_000, 3_600_000, 3_900_000].map(durationText), [
      '0 s',
      '1 s',
      '59 s',
      '1 min 1 s',
      '12 min',
      '1 h',
      '1 h 5 min',
    ]);
  });

  it('names keys by their last part and counts the rest', () => {
    assert.equal(keysText([key('Security.Protocols.Tls10'), 'Other']), 'Security.Protocols.Tls10, Other');
    assert.equal(keysText(['a', 'b', 'c', 'd', 'e', 'f']), 'a, b, c, d and 2 more');
  });
});
