(function (window, document) {
  'use strict';
  // Settings of the source that serves this script.
  var partyCookie = $PARTY_COOKIE$, partySeconds = $PARTY_SECONDS$, sessionCookie = $SESSION_COOKIE$, sessionSeconds = $SESSION_SECONDS$;
  var cookieDomain = $COOKIE_DOMAIN$, logging = $LOGGING$, scriptName = $SCRIPT_NAME$, eventSuffix = $EVENT_SUFFIX$;
  var autoPageView = $AUTO_PAGE_VIEW$, eventMilliseconds = $EVENT_MILLISECONDS$;

  function log(text) { if (logging && window.console && console.log) console.log(text); }

  if (typeof window.divolte === 'object' && window.divolte) { log('Divolte is loaded already.'); return; }

  // Where the script came from decides where events go.
  function findScript() {
    if (document.currentScript !== undefined && document.currentScript) return document.currentScript.src;
    var scripts = document.getElementsByTagName('script'), found = [], index, path;
    for (index = 0; index < scripts.length; index++) {
      path = scripts[index].src.split(/[?#]/)[0];
      if (path.slice(path.lastIndexOf('/') + 1) === scriptName) found.push(scripts[index].src);
    }
    if (found.length !== 1) throw 'Divolte could not initialize itself.';
    return found[0];
  }
  var scriptUrl = findScript(), hash = scriptUrl.indexOf('#'), suppliedPageView = hash < 0 ? '' : scriptUrl.slice(hash + 1);
  if (suppliedPageView.indexOf('/') >= 0) throw "DVT not initialized correctly; page view ID may not contain a slash ('/').";
  var eventUrl = scriptUrl.slice(0, scriptUrl.lastIndexOf('/') + 1) + eventSuffix + '?';

  function readCookie(name) {
    var cookies = document.cookie.split(';'), index, at;
    for (index = 0; index < cookies.length; index++) {
      at = cookies[index].indexOf('=');
      if (at >= 0 && cookies[index].slice(0, at).replace(/^\s+|\s+$/g, '') === name) return cookies[index].slice(at + 1);
    }
    return '';
  }
  function writeCookie(name, value, seconds, now) {
    document.cookie = name + '=' + value + '; path=/; expires=' + new Date(now + seconds * 1000).toUTCString() + '; max-age=' + seconds +
      (cookieDomain ? '; domain=' + cookieDomain : '');
  }
  function unique() {
    var letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_', source = window.crypto || window.msCrypto;
    var isSecure = source && source.getRandomValues, bytes = isSecure ? source.getRandomValues(new Uint8Array(32)) : [], text = '', index;
    for (index = 0; index < 32; index++) text += letters.charAt((isSecure ? bytes[index] : Math.floor(Math.random() * 256)) & 63);
    return isSecure ? text : text + '!';
  }

  // The checksum: MurmurHash3 over the UTF-8 bytes of all parameters, sorted by name.
  function multiply(a, b) { return ((a & 0xffff) * b + ((((a >>> 16) * b) & 0xffff) << 16)) | 0; }
  function scramble(block) {
    block = multiply(block, 0xcc9e2d51);
    return multiply((block << 15) | (block >>> 17), 0x1b873593);
  }
  function murmur(text) {
    var bytes = unescape(encodeURIComponent(text)), state = 0, index, block;
    for (index = 0; index + 4 <= bytes.length; index += 4) {
      block = bytes.charCodeAt(index) | (bytes.charCodeAt(index + 1) << 8) | (bytes.charCodeAt(index + 2) << 16) | (bytes.charCodeAt(index + 3) << 24);
      state ^= scramble(block);
      state = (multiply((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
    }
    for (block = 0, index = bytes.length - 1; index >= (bytes.length & ~3); index--) block = (block << 8) | bytes.charCodeAt(index);
    state ^= scramble(block) ^ bytes.length;
    state = multiply(state ^ (state >>> 16), 0x85ebca6b);
    state = multiply(state ^ (state >>> 13), 0xc2b2ae35);
    return state ^ (state >>> 16);
  }
  function checksum(parameters) {
    var text = '';
    parameters.slice().sort(function (a, b) { return a[0] < b[0] ? -1 : 1; }).forEach(function (pair) { text += pair[0] + '=' + pair[1] + ',;'; });
    return murmur(text).toString(36);
  }

  // Event parameters in mincode.
  function quote(text) { return text.replace(/[~!]/g, '~$&') + '!'; }
  function number(value) {
    if (!isFinite(value)) return 'n';
    var plain = String(value), exponent = value.toExponential(), shorter = plain.length <= exponent.length ? plain : exponent, base36;
    if (Math.floor(value) === value) {
      base36 = value.toString(36);
      if (base36.length <= shorter.length) return 'd' + base36 + '!';
    }
    return 'j' + shorter + '!';
  }
  function encode(value, name) {
    if (value !== null && typeof value === 'object' && typeof value.toJSON === 'function') value = value.toJSON();
    var label = name === undefined ? '' : quote(name), text, key;
    function typed(encoded) { return encoded.charAt(0) + label + encoded.slice(1); }
    switch (typeof value) {
      case 'undefined': return '';
      case 'string': return 's' + label + quote(value);
      case 'boolean': return (value ? 't' : 'f') + label;
      case 'number': return typed(number(value));
      case 'object': break;
      default: throw 'Cannot encode of type: ' + typeof value;
    }
    if (value === null) return 'n' + label;
    if (Object.prototype.toString.call(value) === '[object Array]') {
      text = 'a' + label;
      value.forEach(function (item) { text += encode(item) || 'n'; });
      return text + '.';
    }
    text = '(' + label;
    for (key in value) if (Object.prototype.hasOwnProperty.call(value, key)) text += encode(value[key], key);
    return text + ')';
  }

  // One delivery at a time, in order.
  var queue = [];
  function next() { queue.shift(); if (queue.length) queue[0](next); }
  function enqueue(item) { if (queue.push(item) === 1) item(next); }
  function once(callback) { var isDone = false; return function () { if (!isDone) { isDone = true; callback(); } }; }
  function deliver(url) {
    return function (done) {
      var image = new Image(1, 1), complete = once(done);
      image.onload = image.onerror = complete;
      setTimeout(complete, eventMilliseconds);
      image.src = url;
    };
  }

  var now = new Date().getTime(), partyId = readCookie(partyCookie), sessionId = readCookie(sessionCookie);
  var isNewParty = !partyId, isNewSession = !sessionId, sendsNewParty = isNewParty, sendsNewSession = isNewSession;
  if (isNewParty) partyId = '0:' + now.toString(36) + ':' + unique();
  if (isNewSession) sessionId = '0:' + now.toString(36) + ':' + unique();
  var counter = 0, isStarted = false;

  function size(which) {
    var root = document.documentElement, body = document.body || {};
    return window['inner' + which] || root['client' + which] || body['client' + which] || root['offset' + which] || body['offset' + which];
  }
  function startPageView() {
    isStarted = true;
    if (!suppliedPageView) { divolte.pageViewId = '0:' + unique(); counter = 0; }
    if (autoPageView) divolte.signal('pageView');
  }
  function signal(type, parameters) {
    if (!isStarted) startPageView();
    if (!type) { log('An event needs a type.'); return null; }
    var eventId = divolte.pageViewId + (counter++).toString(16), time = new Date().getTime(), pairs = [], query, encoded;
    function add(name, value) { if (value !== undefined) pairs.push([name, typeof value === 'number' ? value.toString(36) : String(value)]); }
    add('p', partyId); add('s', sessionId); add('v', divolte.pageViewId); add('e', eventId); add('c', time);
    add('n', sendsNewParty ? 't' : 'f'); add('f', sendsNewSession ? 't' : 'f'); add('l', window.location.href);
    add('r', document.referrer || undefined); add('i', screen.availWidth); add('j', screen.availHeight); add('k', window.devicePixelRatio);
    add('w', size('Width')); add('h', size('Height')); add('t', type);
    encoded = parameters === undefined ? '' : encode(parameters);
    add('u', encoded || undefined);
    query = pairs.map(function (pair) { return pair[0] + '=' + encodeURIComponent(pair[1]); }).join('&') + '&x=' + checksum(pairs);
    sendsNewParty = sendsNewSession = false;
    writeCookie(sessionCookie, sessionId, sessionSeconds, time);
    writeCookie(partyCookie, partyId, partySeconds, time);
    log('Event ' + type + ' ' + eventId);
    enqueue(deliver(eventUrl + query));
    return eventId;
  }
  function whenCommitted(callback, timeout) {
    var run = once(callback);
    if (timeout !== undefined) setTimeout(run, timeout);
    enqueue(function (done) { try { run(); } finally { done(); } });
  }

  var divolte = {
    partyId: partyId, sessionId: sessionId, pageViewId: suppliedPageView || null, isNewPartyId: isNewParty, isFirstInSession: isNewSession,
    isServerPageView: !!suppliedPageView, signal: signal, whenCommitted: whenCommitted
  };
  if (typeof window.define === 'function' && window.define.amd) window.define(function () { return divolte; });
  else if (window.module && window.module.exports) window.module.exports = divolte;
  else window.divolte = divolte;

  if (!document.hidden) startPageView();
  else document.addEventListener('visibilitychange', function shown() {
    if (document.hidden !== false) return;
    document.removeEventListener('visibilitychange', shown);
    if (!isStarted) startPageView();
  });
  if (window.addEventListener) window.addEventListener('pageshow', function (event) { if (event.persisted) startPageView(); });
}(window, document));
