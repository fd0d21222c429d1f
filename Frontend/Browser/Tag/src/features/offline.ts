// Decorates what requests an event, when the source wants those that fail to be kept in the browser and sent later.
import type { Complete, Request } from '../delivery';

declare var $OFFLINE_EVENTS$: number;
declare var $OFFLINE_NAME$: string;
/** How long the server certainly recognises an event that it has seen. */
declare var $DUPLICATE_MILLISECONDS$: number;

/** An event's query; when it was first asked for, or 0: never; when it was kept first. */
type Kept = [string, number, number];
declare function feature(decorate: (next: Request) => Request): void;

feature(function (next: Request): Request {
  /** What was never asked for is sent for a day. */
  var ageMax = 86400000;
  var isSending = false;

  function now(): number {
    return new Date().getTime();
  }

  function read(): Kept[] {
    var kept;
    try { kept = JSON.parse(localStorage.getItem($OFFLINE_NAME$)!); } catch (refused) { /* Blocked, or not ours. */ }
    return kept instanceof Array ? kept : [];
  }

  function write(kept: Kept[]): void {
    try {
      if (kept.length) localStorage.setItem($OFFLINE_NAME$, JSON.stringify(kept));
      else localStorage.removeItem($OFFLINE_NAME$);
    } catch (refused) {
      // Full or blocked: what is there already stays.
    }
  }

  /** The oldest go when there are too many. */
  function keep(kept: Kept, isFirst?: boolean): void {
    var all = read();
    if (isFirst) all.unshift(kept);
    else all.push(kept);
    write(all.slice(-$OFFLINE_EVENTS$));
  }

  /**
   * Sends what is kept, one by one, oldest first. An entry is taken out before it is sent, so that no other tab sends it too. One that was asked for before,
   * with an outcome that nobody knows, is only sent while the server would recognise it as a repetition.
   */
  function sendKept(base: string): void {
    var all = read(), kept = all.shift(), time = now();
    isSending = !!kept;
    if (!kept) return;
    write(all);
    if (time - kept[2] > ageMax || (kept[1] && time - kept[1] > $DUPLICATE_MILLISECONDS$)) return sendKept(base);
    next(base + kept[0], function (event) {
      if (event && event.type === 'error') {
        isSending = false;
        keep([kept![0], kept![1] || time, kept![2]], true);
      } else sendKept(base);
    });
  }

  return function (url: string, complete: Complete): void {
    var cut = url.indexOf('?') + 1, base = url.slice(0, cut), query = url.slice(cut), time = now();
    if (navigator.onLine === false) {
      keep([query, 0, time]);
      complete({ type: 'error' });
      return;
    }
    next(url, function (event) {
      if (event && event.type === 'error') keep([query, time, time]);
      else if (!isSending) sendKept(base);
      complete(event);
    });
  };
});
