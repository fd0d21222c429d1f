// Compiled by `npm run check`, never run: what pages may write, and what they may not.
import type { Divolte } from '../npm';

export function use(tag: Divolte): string | null {
  divolte?.whenCommitted(function () {}, 500);
  divolte?.consent?.(true);
  // @ts-expect-error a function is no parameter
  tag.signal('a', { f: function () {} });
  // @ts-expect-error the ids are the tag's
  tag.partyId = '';
  return tag.signal('a', { text: 'b', list: [1, null, undefined, new Date()], inner: { toJSON: () => 'custom' } });
}
