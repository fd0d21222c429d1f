/** Names of the page visibility interface, by browser. */
var prefixes = ['', 'moz', 'ms', 'webkit'];

/** Runs `start` when the document is seen for the first time; at once if it is, or if the browser cannot tell. Returns what stops waiting. */
export function whenVisible(start: () => void): () => void {
  var prefix, property, index, stop = function () {};
  for (index = 0; index < 4; index++) {
    prefix = prefixes[index]!;
    property = prefix ? prefix + 'Hidden' : 'hidden';
    if ((document as any)[property] !== undefined) return waitFor(property, prefix + 'visibilitychange');
  }
  start();
  return stop;

  function waitFor(hidden: string, event: string): () => void {
    function changed(): void {
      if ((document as any)[hidden] === false) start();
    }
    if (!(document as any)[hidden] || !document.addEventListener || !document.removeEventListener) start();
    else {
      document.addEventListener(event, changed);
      stop = function () { document.removeEventListener(event, changed); };
    }
    return stop;
  }
}
