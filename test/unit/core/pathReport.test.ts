// Paths of operations in the report on a survey.

import assert from 'node:assert/strict';
import { reportNames } from '../../../src/core/tls/reportNames.ts';
import { asksAfterRequest, withPath, withUnknownPaths } from '../../../src/core/tls/paths.ts';
import { pathDoubtText, requestedPathsText } from '../../../src/core/tls/pathText.ts';
import { surveyReport } from '../../../src/core/tls/surveyReport.ts';
import type { Survey } from '../../../src/core/tls/evidence.ts';
import { survey } from '../../support/instances.ts';

describe('paths that were requested of a server', () => {
  const asking = (renegotiation: 'seen' | 'not-seen' | 'unknown', connections = 3): Survey =>
    survey(
      { tls12: [0xc02f] },
      {
        connections,
        clientCertificate: {
          inHandshake: 'none-seen',
          renegotiation,
          postHandshake: 'not-seen',
          acceptableIssuers: [],
        },
      },
    );
  const own = { ...asking('not-seen'), endpoint: { ...asking('seen').endpoint, path: '/' } };

  it('are kept with the survey of the host, each once', () => {
    const once = withPath(own, { path: '/secure', source: 'cut' }, asking('seen'));
    const twice = withPath(once, { path: '/secure', source: 'log' }, asking('not-seen'));
    assert.deepEqual(
      twice.clientCertificate.paths?.map(({ path, source, renegotiation }) => [path, source, renegotiation]),
      [['/secure', 'log', 'not-seen']],
    );
    assert.equal(twice.connections, own.connections + 6);
  });

  it('ask where one of them does, and are unknown where one is and none asks', () => {
    const with1 = (seen: 'seen' | 'not-seen' | 'unknown') =>
      asksAfterRequest(withPath(own, { path: '/secure', source: 'log' }, asking(seen)));
    assert.deepEqual(with1('seen'), { asks: 'seen', paths: ['/secure'] });
    assert.deepEqual(with1('unknown'), { asks: 'unknown', paths: [] });
    assert.deepEqual(with1('not-seen'), { asks: 'not-seen', paths: [] });
    assert.deepEqual(asksAfterRequest(undefined), { asks: 'unknown', paths: [] });
  });

  it('name those that were cut, and how many were', () => {
    const cut = (seen: 'seen' | 'not-seen') => withPath(own, { path: '/a/', source: 'rewrittenCut' }, asking(seen));
    assert.deepEqual(asksAfterRequest(cut('seen')), { asks: 'seen', paths: ['/a/'], cut: ['/a/'] });
    assert.match(requestedPathsText(cut('seen')), /for \/a\/ up to the first parameter$/);
    assert.match(requestedPathsText(cut('not-seen')), /^1 more path requested, up to the first parameter, no client/);
    const two = withPath(cut('not-seen'), { path: '/b', source: 'operation' }, asking('not-seen'));
    assert.match(requestedPathsText(two), /^2 more paths requested, 1 of them up to the first parameter, no client/);
    assert.equal(requestedPathsText(own), '');
    const open = withPath(own, { path: '/b', source: 'log' }, asking('unknown'));
    assert.match(requestedPathsText(open), /^1 more path requested, whether a client certificate .* is not known$/);
    const one = withPath(open, { path: '/c', source: 'log' }, asking('not-seen'));
    assert.match(requestedPathsText(one), /^2 more paths requested, of 1 of them it is not known whether/);
  });

  it('leave out those that are not known, and say which and why', () => {
    const unknown = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ title: `Orders › GET /${index}`, why: 'expression' as const }));
    assert.equal(withUnknownPaths(own, 'shop', []), own);
    const one = withUnknownPaths(own, 'shop', unknown(1));
    assert.equal(requestedPathsText(one), '1 operation of shop not requested, path not known');
    const report = surveyReport(one, reportNames);
    assert.match(report, /Operations of .*shop.* that were not requested, as their paths here are not known:/);
    assert.match(report, /Orders › GET \/0.*: a policy expression makes the path/);
    const many = withUnknownPaths(own, 'shop', unknown(60));
    assert.match(requestedPathsText(many), /^60 operations of shop not requested/);
    assert.match(surveyReport(many, reportNames), /and 10 more/);
    const doubts = (['expression', 'condition', 'namedValue', 'unread'] as const).map(pathDoubtText);
    assert.equal(new Set(doubts).size, 4);
  });

  it('stand in the report, with where they are known from', () => {
    const found = withPath(own, { path: '/secure|x', source: 'cut' }, asking('seen'));
    const lines = surveyReport(found, reportNames).split('\n');
    assert.ok(lines.some((line) => /Client certificate: asked for after a request for .*\/secure/.test(line)));
    const row = lines.find((line) => line.startsWith('|') && line.includes('/secure')) ?? '';
    assert.match(row, /cut before its first parameter/);
    assert.equal(row.replaceAll('\\|', '').split('|').length, 6, 'a bar in a path makes no column');
    assert.ok(!surveyReport(own, reportNames).includes('Known from'));
  });
});
