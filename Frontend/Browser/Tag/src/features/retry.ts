// Decorates what requests an event, when the source wants failed ones to be asked for again.
import type { Complete, Request } from '../delivery';

declare var $RETRIES$: number;
declare function feature(decorate: (next: Request) => Request): void;

feature(function (next: Request): Request {
  /** Events that wait for their next try; each is a function that makes it now. */
  var waiting: (() => void)[] = [];
  /** More at once are given up, so that a server that is down for long is not stormed when it is back. */
  var waitingMax = 100;

  // Timers end with the page.
  window.addEventListener('pagehide', function () {
    while (waiting.length) waiting[0]!();
  });

  return function (url: string, complete: Complete): void {
    var left = $RETRIES$, pause = 1000;

    function settled(event?: { type: string }): void {
      var timer: number;
      function again(): void {
        waiting.splice(waiting.indexOf(again), 1);
        clearTimeout(timer);
        next(url, settled);
      }
      if (event && event.type === 'error' && left-- > 0 && waiting.length < waitingMax) {
        waiting.push(again);
        timer = setTimeout(again, pause);
        pause *= 2;
      } else complete(event);
    }

    next(url, settled);
  };
});
