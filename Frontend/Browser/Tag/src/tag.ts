import { murmur } from './checksum';
import { readCookie, writeCookie } from './cookies';
import { askPolicy, deliver, leave, whenCommitted } from './delivery';
import { timedIdentifier, unique } from './identifiers';
import { log } from './log';
import { encode } from './mincode';
import { whenVisible } from './pageview';
import { scriptUrl } from './script';

/** Does something now, or later, or never: then true. Signals are told from the rest. */
export type Gate = (act: () => void, isSignal?: boolean) => boolean | void;

/** What pages see as `divolte`. */
interface Divolte {
  partyId: string;
  sessionId: string;
  pageViewId: string | null;
  isNewPartyId: boolean;
  isFirstInSession: boolean;
  isServerPageView: boolean;
  signal(type: string, parameters?: unknown): string | null;
  whenCommitted(callback: () => void, milliseconds?: number): void;
}

var global = window as any;

function start(script: string): void {
  var parts = /^([^?#]*\/)?[^#]*#?(.*)$/.exec(script)!, supplied = parts[2]!;
  if (supplied.indexOf('/') >= 0) throw "DVT not initialized correctly; page view ID may not contain a slash ('/').";
  var eventUrl = (parts[1] || '') + $EVENT_SUFFIX$ + '?';
  if (LOGGING) log('log', 'events go to', eventUrl);

  var party = '', session = '', sendsNewParty = false, sendsNewSession = false, width = screen.availWidth, height = screen.availHeight;
  var pageView = supplied, counter = 0, isStarted = false, stopWaiting = function () {};
  /** What goes into each event besides, by name of the parameter. */
  var hints: { [name: string]: string } = {};
  var pass: Gate = function (act) { act(); };

  /** Who this is: from the cookies, else somebody new. */
  function identify(): void {
    var now = new Date().getTime();
    party = readCookie($PARTY_COOKIE$);
    session = readCookie($SESSION_COOKIE$);
    if (LOGGING) {
      log('log', 'party cookie', party);
      log('log', 'session cookie', session);
    }
    divolte.isNewPartyId = sendsNewParty = !party;
    divolte.isFirstInSession = sendsNewSession = !session;
    divolte.partyId = party = party || timedIdentifier(now);
    divolte.sessionId = session = session || timedIdentifier(now);
    if (LOGGING) {
      log('log', sendsNewParty ? 'new party' : 'known party', party);
      log('log', sendsNewSession ? 'new session' : 'known session', session);
    }
  }

  function startPageView(): void {
    isStarted = true;
    stopWaiting();
    if (!supplied) {
      divolte.pageViewId = pageView = '0:' + unique();
      counter = 0;
    }
    if (LOGGING) {
      log('info', 'page view started');
      log('log', 'page view', pageView);
    }
    if ($AUTO_PAGE_VIEW$) signal('pageView');
  }

  function size(which: 'Width' | 'Height'): number | undefined {
    var root: any = document.documentElement, body: any = document.body || {};
    return global['inner' + which] || root['client' + which] || body['client' + which] || root['offset' + which] || body['offset' + which];
  }

  function signal(type: any, parameters?: unknown): string | null {
    if (!$ALLOWED$) return null;
    if (!isStarted) startPageView();
    if (!type) {
      if (LOGGING) log('warn', 'an event without a type is not sent');
      return null;
    }
    if (LOGGING) log('info', 'event of type', type);
    var view = pageView, event = view + (counter++).toString(16), time = new Date().getTime(), url = location.href;
    var viewWidth = size('Width'), viewHeight = size('Height'), encoded = encode(parameters) || undefined;
    if (LOGGING) log('log', 'event', event);
    return pass(send, true) ? null : event;

    function send(): void {
      var query = '', canonical = '', texts: { [name: string]: string } = {}, names: string[] = [], index;
      function add(name: string, value: any): void {
        if (value !== undefined) {
          texts[name] = value = typeof value === 'number' ? value.toString(36) : '' + value;
          query += name + '=' + encodeURIComponent(value) + '&';
          names.push(name);
        }
      }
      add('p', party);
      add('s', session);
      add('v', view);
      add('e', event);
      add('c', time);
      add('n', sendsNewParty ? 't' : 'f');
      add('f', sendsNewSession ? 't' : 'f');
      add('l', url);
      add('r', document.referrer || undefined);
      add('i', width);
      add('j', height);
      add('k', window.devicePixelRatio);
      add('w', viewWidth);
      add('h', viewHeight);
      add('t', type);
      add('u', encoded);
      for (index in hints) if (hints.hasOwnProperty(index)) add(index, hints[index]);
      sendsNewParty = sendsNewSession = false;
      writeCookie($SESSION_COOKIE$, session, $SESSION_SECONDS$, time);
      if ($WRITES_PARTY$) writeCookie($PARTY_COOKIE$, party, $PARTY_SECONDS$, time);
      if (LOGGING) log('log', 'cookies written');
      names.sort();
      for (index = 0; index < names.length; index++) canonical += names[index] + '=' + texts[names[index]!] + ',;';
      query += 'x=' + murmur(canonical).toString(36);
      if (LOGGING) log('log', 'queued', query);
      deliver(eventUrl + query);
    }
  }

  var divolte: Divolte = {
    partyId: party, sessionId: session, pageViewId: supplied || null, isNewPartyId: false, isFirstInSession: false,
    isServerPageView: !!supplied, signal: signal, whenCommitted: whenCommitted
  };
  pass = $GATE$;
  pass(identify);
  if (typeof global.define === 'function' && global.define.amd) global.define(function () { return divolte; });
  else if (global.module && global.module.exports) global.module.exports = divolte;
  else global.divolte = divolte;

  $SINGLE_PAGE$;
  stopWaiting = whenVisible(function () { if (!isStarted) startPageView(); });

  if ('onpagehide' in window) {
    var isHidden = false;
    // What a page dispatches itself starts a page view like coming back does, but nothing goes away.
    window.addEventListener('pagehide', function (event) { if (event.isTrusted !== false) askPolicy(script); });
    window.addEventListener('pagehide', function (event) {
      if (event.isTrusted !== false) leave(true);
      if (!isHidden) {
        isHidden = true;
        // Only after having been away: the first pageshow belongs to the page view that load began.
        window.addEventListener('pageshow', function () {
          leave(false);
          startPageView();
        });
      }
    });
  } else if (global.history) global.history.navigationMode = 'compatible';
}

if (LOGGING) log('info', 'starting');
// Before the look at who is there: a page with two elements of this name has always been told, where the search is needed.
var script = scriptUrl();
// Null and elements with such an id count as well: pages may keep the tag away by them.
if (typeof global.divolte !== 'object') start(script);
else if (LOGGING) log('warn', 'is there already; this script does nothing');
if (LOGGING) log('info', 'ready');
