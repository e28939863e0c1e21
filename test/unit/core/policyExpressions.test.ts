// What expressions in policies do with the request: a table of C#, and properties over code made up at random.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { certificateUse, certificateUseOfValue, certificateVariablesIn } from '../../../src/core/policyExpressions.ts';
import type { CertificateUse } from '../../../src/core/policyExpressions.ts';

const table: Readonly<Record<CertificateUse, readonly string[]>> = {
  asks: [
    '@(context.Request.Certificate)',
    '@(context . Request\n . Certificate == null)',
    '@(context?.Request?.Certificate?.Verify() ?? false)',
    '@{ var r = context.Request; return r.Certificate == null; }',
    '@{ var c = context; return c.Request.Certificate.Thumbprint; }',
    '@{ var c = context; var r = c.Request; var again = r; return again?.Certificate; }',
    '@{ IProxyRequest r; r = context.Request; return r.Certificate; }',
    '@{ IProxyRequest r = context.Request, other = null; return r.Certificate; }',
    '@{ return ((IProxyRequestContext)context).Request.Certificate; }',
    '@{ var r = (Some.Namespace.IProxyRequest)context.Request; return (r).Certificate; }',
    '@{ var r = context.Request as IProxyRequest; return r.Certificate; }',
    '@(context.Request!.Certificate)',
    '@("a" + @"c:\\" + context.Request.Certificate.Issuer)',
    '@($"{context.Request.Certificate.Thumbprint:x}")',
    '@($@"say ""{context.Request.Certificate}""")',
    `@('"' + context.Request.Certificate.Issuer + '\\'')`,
    'Bearer @("x") and @(context.Request.Certificate.Issuer)',
    '@{ // whatever\n return context.Request.Certificate; }',
    '@(/* whatever */ context.Request.Certificate)',
    '@(context.Request.Certificate',
  ],
  mayAsk: [
    '@(context.Request)',
    '@(Look(context.Request))',
    '@(Look((IProxyRequest)context.Request))',
    '@(Look(context))',
    '@{ var all = new[] { context.Request }; return all[0].Certificate; }',
    '@{ var r = context.Request ?? other; return r.Certificate; }',
    '@{ var r = quick ? context.Request : null; return r.Certificate; }',
    '@{ Func<IProxyRequestContext, object> f = c => c.Request.Certificate; return f(context); }',
    // Which of the two it is at that point is not followed.
    '@{ var r = context.Request; r = other; return r.Certificate; }',
    '@{ return context.Request is IProxyRequest r ? r.Certificate : null; }',
  ],
  none: [
    '',
    'context.Request.Certificate',
    'me@example.com context.Request.Certificate',
    '@(context.Request.CertificateThing)',
    '@(context.Request.Headers.GetValueOrDefault("context.Request.Certificate", ""))',
    '@(context.Request.Url.Path)',
    '@(context.Deployment.Certificates.Any())',
    '@(other.context.Request.Certificate)',
    '@(other?.context.Request.Certificate)',
    '@(context.Request == null || null != context.Request || context.Request is null)',
    '@(nameof(context.Request.Certificate))',
    '@{ // context.Request.Certificate\n return 1; }',
    '@{ /* context.Request.Certificate */ return "context.Request.Certificate"; }',
    '@(@"\\" + @"context.Request.Certificate")',
    '@($"{{context.Request.Certificate}}")',
    '@("x") context.Request.Certificate',
    '@{ var r = context.Request; return r.Method; }',
  ],
};

describe('an expression in a policy', () => {
  for (const use of ['asks', 'mayAsk', 'none'] as const)
    for (const text of table[use]) {
      const says = { asks: 'asks', mayAsk: 'may ask', none: 'does not ask' }[use];
      it(`${says}: ${text.replaceAll('\n', '⏎') || 'nothing'}`, () => assert.equal(certificateUse(text), use));
    }

  const blank = fc.constantFrom(' ', '\n', '/* context.Request.Certificate */', '// context.Request\n', '\t');
  const spaced = (tokens: readonly string[]) =>
    fc
      .array(blank, { minLength: tokens.length, maxLength: tokens.length })
      .map((blanks) => tokens.map((token, index) => token + (blanks[index] ?? '')).join(''));
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).map((text) => `my${text}`);

  it('is read the same whatever stands between its signs', () => {
    const asks = ['context', '.', 'Request', '.', 'Certificate', '.', 'Issuer', '+', '"x"'];
    const not = ['context', '.', 'Request', '.', 'Headers', '.', 'Count', '+', '"context.Request.Certificate"'];
    fc.assert(
      fc.property(spaced(asks), spaced(not), (one, other) => {
        assert.equal(certificateUse(`@(${one})`), 'asks');
        assert.equal(certificateUse(`@(${other})`), 'none');
      }),
    );
  });

  it('asks through any few names that it gives to the request', () => {
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(names, fc.nat(), (all, cut) => {
        const at = cut % all.length;
        // Up to one of the names it is the context, from there on the request.
        const lines = all.map((own, index) => {
          const before = all[index - 1] ?? 'context';
          return `var ${own} = ${before}${index === at ? '.Request' : ''};`;
        });
        const last = all.at(-1) ?? '';
        assert.equal(certificateUse(`@{ ${lines.join(' ')} return ${last}.Certificate != null; }`), 'asks');
        assert.equal(certificateUse(`@{ ${lines.join(' ')} return ${last}.Method; }`), 'none');
        assert.equal(certificateUse(`@{ ${lines.join(' ')} return Look(${last}); }`), 'mayAsk');
      }),
    );
  });

  it('never loses the request among more names than are followed', () => {
    for (const count of [3, 10, 100]) {
      const lines = Array.from({ length: count }, (_, index) => `v${index} = v${index + 1};`);
      const text = `@{ ${lines.join(' ')} v${count} = context.Request; return v0.Certificate; }`;
      assert.equal(certificateUse(text), count > 8 ? 'mayAsk' : 'asks', String(count));
    }
  });

  it('claims nothing of what stands in a string literal', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', '@', '$', '$@'), (inside, start) => {
        const quote = start.includes('@')
          ? inside.replaceAll('"', '""')
          : inside.replace(/["\\]/g, (sign) => `\\${sign}`);
        const literal = start.includes('$') ? quote.replace(/[{}]/g, (sign) => sign + sign) : quote;
        const text = `@(${start}"${literal} context.Request.Certificate" + Use(1))`;
        assert.equal(certificateUse(text), 'none', text);
        assert.equal(certificateUse(text.replace('Use(1)', 'context.Request.Certificate')), 'asks', text);
      }),
    );
  });

  it('is read to its end, whatever it is', () => {
    const piece = fc.constantFrom(
      '@(',
      '@{',
      '"',
      '$"',
      '{',
      '}',
      '(',
      ')',
      '//',
      '/*',
      "'",
      '\\',
      'context',
      '.',
      '=',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        assert.ok(['asks', 'mayAsk', 'none'].includes(certificateUse(text)));
        assert.equal(certificateUse(`${text}\n`), certificateUse(text));
      }),
    );
  });

  it('of the largest policy is read at once', () => {
    const size = 256 * 1024;
    for (const part of ['@(', 'a=context;', '((', '$"{', '@{context}', '/*', 'a.b ']) {
      const started = performance.now();
      certificateUse(`@{ context ${part.repeat(size / part.length)}`);
      assert.ok(performance.now() - started < 5000, part);
    }
  }).timeout(40_000);
});

describe('a named value in a policy', () => {
  it('may be an expression, or a part of one', () => {
    assert.equal(certificateUseOfValue('@(context.Request.Certificate.Thumbprint)'), 'asks');
    assert.equal(certificateUseOfValue('context.Request.Certificate != null'), 'asks');
    assert.equal(certificateUseOfValue('"context.Request.Certificate"'), 'none');
    assert.equal(certificateUseOfValue('1F2E3D4C'), 'none');
  });
});

describe('a variable in a policy', () => {
  it('is known by its name where it is read as a certificate', () => {
    const read = [
      'context.Variables.GetValueOrDefault<X509Certificate2>("one").Issuer',
      '((X509Certificate2)context.Variables["two"]).Issuer',
      '(context.Variables["three"] as System.Security.X509Certificate2)?.Issuer',
      '(string)context.Variables["text"]',
      'context.Variables.GetValueOrDefault<string>("word", "")',
      '"context.Variables.GetValueOrDefault<X509Certificate2>(\\"no\\")"',
    ];
    assert.deepEqual(certificateVariablesIn(`@(${read.join(' + ')})`), ['one', 'two', 'three']);
    assert.deepEqual(certificateVariablesIn('X509Certificate2'), []);
  });
});
