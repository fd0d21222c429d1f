import { log } from './log';

/** Called when a request is complete; `type` is `error` when it failed. */
export type Complete = (event?: any) => void;
/** Asks for the address of an event. */
export type Request = (url: string, complete: Complete) => void;

/** An event's address, or what runs when everything before it is complete. */
type Item = string | (() => void);

var queue: Item[] = [];
/** The page is being left: nothing waits for its turn any more. */
var isLeaving = false;
/** Requests begun while leaving: browsers carry some on, not hundreds. */
var leavingMax = 60;
/** Whether the page's policy lets requests through that outlive the page. */
var mayFetch = false;
var question: AbortController | undefined;

function once(callback: () => void): Complete {
  var isDone = false;
  return function () {
    if (!isDone) {
      isDone = true;
      callback();
    }
  };
}

var request: Request = function (url, complete) {
  if (isLeaving && mayFetch) {
    // As an image is asked for, but the browser finishes it when the page is gone; Firefox drops images when a tab is closed.
    fetch(url, { mode: 'no-cors', credentials: 'include', keepalive: true }).then(complete, complete);
    return;
  }
  var image = new Image(1, 1);
  image.onload = complete;
  image.onerror = LOGGING ? function (event) { log('warn', 'event failed', url); complete(event); } : complete;
  image.src = url;
};
request = $DELIVERY$;

/** The item in progress stays at the head until it is complete. */
function process(): void {
  var item = queue[0], complete;
  if (typeof item === 'string') {
    complete = once(next);
    request(item, complete);
    setTimeout(complete, $EVENT_MILLISECONDS$);
  } else if (item) {
    // A callback that throws must not stop the events behind it.
    try { item(); } finally { next(); }
  }
}

function next(): void {
  var item = queue.shift();
  if (LOGGING && typeof item === 'string') log('log', 'event complete');
  process();
}

/** Adds an item; the first one is processed at once, before this returns. */
function enqueue(item: Item): void {
  if (queue.push(item) === 1) process();
  else if (isLeaving) flush();
}

/** Begins every waiting event: once the page is gone its turn would never come. The one in progress is left alone. */
function flush(): void {
  var index, item, sent = 0;
  for (index = 1; index < queue.length; index++) {
    item = queue[index];
    if (typeof item === 'string' && sent++ < leavingMax) {
      queue.splice(index--, 1);
      request(item, function () {});
    }
  }
}

/**
 * Asks, in the first of two listeners of one event, whether the page's policy allows `fetch`: a refusal is known when the second one runs, because browsers
 * settle promises between them. Only a request that could be answered from the cache is begun, and the second listener ends it before it is sent.
 */
export function askPolicy(script: string): void {
  mayFetch = false;
  if (queue.length > 1 && script && 'fetch' in window && window.AbortController && 'keepalive' in Request.prototype) {
    question = new AbortController();
    fetch(script, { mode: 'no-cors', cache: 'force-cache', signal: question.signal })
      .catch(function (error) { mayFetch = error.name === 'AbortError'; });
    // Not before: what a page has put in place of fetch may throw.
    mayFetch = true;
  }
}

export function deliver(url: string): void {
  enqueue(url);
}

/** Between leaving and (from the back/forward cache) coming back, events are sent without waiting. */
export function leave(isGoing: boolean): void {
  isLeaving = isGoing;
  if (isGoing) flush();
  if (question) question.abort();
}

/** Runs a callback once: when all events so far are delivered, failed or timed out, or after a time of its own. */
export function whenCommitted(callback: () => void, milliseconds?: number): void {
  var run;
  if (milliseconds !== undefined) {
    run = once(callback);
    setTimeout(run, milliseconds);
    enqueue(run);
  } else enqueue(typeof callback === 'function' ? callback : function () {});
}
