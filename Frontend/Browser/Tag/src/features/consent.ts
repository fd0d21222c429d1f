// Decorates the gate when the source wants nothing to be read, written or sent before the visitor agreed.
import type { Gate } from '../tag';

declare var $PARTY_COOKIE$: string;
declare var $SESSION_COOKIE$: string;
declare var $OFFLINE_NAME$: string;
// Names of the script around it, which is why the build keeps them.
declare var divolte: any;
declare function writeCookie(name: string, value: string, seconds: number, time: number): void;
declare function feature(decorate: (next: Gate) => Gate): void;

feature(function (next: Gate): Gate {
  /** Undefined until the page says what the visitor wants. */
  var isGiven: boolean | undefined;
  var waiting: [() => void, boolean | undefined][] = [];
  /** More signals than this are not kept while nobody has decided. */
  var waitingMax = 100;

  function forget(): void {
    waiting = waiting.filter(function (entry) { return !entry[1]; });
    writeCookie($SESSION_COOKIE$, '', 0, 0);
    writeCookie($PARTY_COOKIE$, '', 0, 0);
    try { localStorage.removeItem($OFFLINE_NAME$); } catch (refused) { /* Then nothing was kept there. */ }
  }

  divolte.consent = function (given: boolean): void {
    isGiven = given;
    if (!given) return forget();
    var ready = waiting;
    waiting = [];
    ready.forEach(function (entry) {
      // What one signal holds must not keep the others back.
      try { next(entry[0], entry[1]); } catch (unsendable) { /* Half a surrogate pair, for example. */ }
    });
  };

  return function (act: () => void, isSignal?: boolean): boolean | void {
    if (isGiven) return next(act, isSignal);
    if (isSignal && (isGiven === false || waiting.length > waitingMax)) return true;
    waiting.push([act, isSignal]);
  };
});
