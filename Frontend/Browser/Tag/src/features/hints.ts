// Decorates the gate when the source wants to know what the browser says of itself only when asked. Events wait for its answer, a few milliseconds.
import type { Gate } from '../tag';

// Names of the script around it, which is why the build keeps them.
declare var divolte: any;
declare var hints: { [name: string]: string };
declare function feature(decorate: (next: Gate) => Gate): void;

feature(function (next: Gate): Gate {
  /** Signals that wait; undefined once the answer is there. */
  var waiting: (() => void)[] | undefined;
  var own = (navigator as any).userAgentData;
  var committed = divolte.whenCommitted;
  /** Nobody waits longer. */
  var patience = 200;

  /** A text as HTTP's structured fields have it. */
  function quote(text: unknown): string {
    return '"' + ('' + text).replace(/[^ -~]/g, '').replace(/["\\]/g, '\\$&') + '"';
  }

  function open(): void {
    var ready = waiting || [];
    waiting = undefined;
    ready.forEach(function (act) {
      // What one signal holds must not keep the others back.
      try { next(act, true); } catch (unsendable) { /* Half a surrogate pair, for example. */ }
    });
  }

  function list(name: string, values: any[] | undefined, write: (value: any) => string): void {
    if (values && values.length) hints[name] = values.map(write).join(', ');
  }

  function answered(values: any): void {
    if (values.model) hints['sec-ch-ua-model'] = quote(values.model);
    if (values.platformVersion) hints['sec-ch-ua-platform-version'] = quote(values.platformVersion);
    list('sec-ch-ua-form-factors', values.formFactors, quote);
    list('sec-ch-ua-full-version-list', values.fullVersionList, function (brand: any) { return quote(brand.brand) + ';v=' + quote(brand.version); });
    open();
  }

  function whenCommitted(callback: () => void, milliseconds?: number): void {
    if (waiting) waiting.push(function () { committed(callback, milliseconds); });
    else committed(callback, milliseconds);
  }

  if (own && own.getHighEntropyValues) {
    waiting = [];
    own.getHighEntropyValues(['model', 'platformVersion', 'formFactors', 'fullVersionList']).then(answered).then(undefined, open);
    setTimeout(open, patience);
    window.addEventListener('pagehide', open);
    divolte.whenCommitted = whenCommitted;
  }

  return function (act: () => void, isSignal?: boolean): boolean | void {
    if (!waiting || !isSignal) return next(act, isSignal);
    waiting.push(act);
  };
});
