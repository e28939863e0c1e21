// What is sent of a snapshot takes the one before to it.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EditorState } from '../../../src/messages/editor.ts';
import { partBetween, withPart } from '../../../src/messages/stateParts.ts';

/** Values of two fields, and surveys by host, out of a few objects: what is the same object is the same. */
const surveys = [{ at: 1 }, { at: 2 }, { at: 3 }];
const byHost = fc.dictionary(fc.constantFrom('a:443', 'b:443', '__proto__x', 'c:443'), fc.constantFrom(...surveys));
const state = fc
  .record({
    problem: fc.constantFrom('', 'x'),
    backends: fc.constantFrom(null, surveys),
    surveys: byHost,
    gatewaySurveys: byHost,
  })
  // As from the panel: objects with the usual prototype.
  .map(({ surveys: one, gatewaySurveys: two, ...rest }) => {
    return { ...rest, surveys: { ...one }, gatewaySurveys: { ...two } } as unknown as EditorState;
  });

describe('parts of a snapshot', () => {
  it('take the one before to the one after, by way of their text', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const part = JSON.parse(JSON.stringify(partBetween(before, after))) as ReturnType<typeof partBetween>;
        assert.deepEqual(withPart(before, part), after);
      }),
    );
  });

  it('hold what has changed and nothing else, and leave the rest the same objects', () => {
    const before = { problem: '', backends: surveys, surveys: { a: surveys[0], b: surveys[1] }, gatewaySurveys: {} };
    const after = { ...before, problem: 'x', surveys: { a: surveys[0], c: surveys[2] } };
    const [one, two] = [before, after] as unknown as readonly [EditorState, EditorState];
    const part = partBetween(one, two);
    assert.deepEqual(part, {
      fields: { problem: 'x' },
      entries: { surveys: { c: surveys[2] }, gatewaySurveys: {} },
      gone: { surveys: ['b'], gatewaySurveys: [] },
    });
    const next = withPart(one, part);
    assert.equal(next.gatewaySurveys, one.gatewaySurveys);
    assert.equal(next.surveys['a'], one.surveys['a']);
    assert.deepEqual(partBetween(two, two).fields, {});
  });
});
