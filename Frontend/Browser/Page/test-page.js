// Shows what this page has sent, as the browser tells it, and lets its visitor send more.
(function () {
  'use strict';
  var names = {
    p: 'party', s: 'session', v: 'page view', e: 'event', c: 'client time', n: 'new party', f: 'first in session', l: 'location', r: 'referrer',
    i: 'screen width', j: 'screen height', k: 'pixel ratio', w: 'viewport width', h: 'viewport height', t: 'type', u: 'parameters', x: 'checksum'
  };
  var suffix = document.currentScript.getAttribute('data-event-suffix');
  // No more are listed; the oldest go.
  var listedMax = 200;
  var early = [];

  function element(id) { return document.getElementById(id); }

  function make(name, text, parent) {
    var made = document.createElement(name);
    made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  function decode(text) {
    try { return decodeURIComponent(text.replace(/\+/g, ' ')); } catch (broken) { return text; }
  }

  /** Event parameters, from their compact form back to JSON; the form itself when it cannot be read. */
  function parameters(text) {
    var at = 0;

    function string() {
      var value = '';
      for (; text[at] !== '!'; at++) {
        if (at >= text.length) throw new Error('ends early');
        value += text[at] === '~' ? text[++at] : text[at];
      }
      at++;
      return value;
    }

    function record(isField) {
      var type = text[at++], name = isField ? string() : '', value, field;
      if (type === 's') value = string();
      else if (type === 'd') value = parseInt(string(), 36);
      else if (type === 'j') value = Number(string());
      else if (type === 't' || type === 'f') value = type === 't';
      else if (type === 'n') value = null;
      else if (type === 'a') {
        for (value = []; text[at] !== '.';) value.push(record(false).value);
        at++;
      } else if (type === '(') {
        for (value = {}; text[at] !== ')';) {
          field = record(true);
          Object.defineProperty(value, field.name, { value: field.value, enumerable: true, configurable: true });
        }
        at++;
      } else throw new Error('no such type');
      return { name: name, value: value };
    }

    try { return JSON.stringify(record(false).value, null, 2); } catch (unreadable) { return text; }
  }

  function meaning(name, value) {
    var number = parseInt(value, 36);
    if (name === 'c' && isFinite(number)) return new Date(number).toISOString();
    if ('ijkwh'.indexOf(name) >= 0 && value.indexOf('.') < 0 && isFinite(number)) return String(number);
    if (name === 'n' || name === 'f') return value === 't' ? 'yes' : 'no';
    return name === 'u' ? parameters(value) : value;
  }

  function outcome(entry) {
    var status = entry.responseStatus;
    if (status === undefined) return '';
    return status >= 200 && status < 400 ? 'answered ' + status : status ? 'refused ' + status : 'no answer seen';
  }

  function show(entry) {
    var cut = entry.name.indexOf('?'), path = entry.name.slice(0, cut), values = {}, list = element('sent'), item, details, summary, table, told;
    if (cut < 0 || !suffix || path.slice(path.lastIndexOf('/') + 1) !== suffix.slice(suffix.lastIndexOf('/') + 1)) return;
    item = document.createElement('li');
    details = make('details', '', item);
    summary = make('summary', '', details);
    table = make('table', '', details);
    entry.name.slice(cut + 1).split('&').forEach(function (pair) {
      var at = pair.indexOf('='), name = at < 0 ? pair : pair.slice(0, at), value = at < 0 ? '' : decode(pair.slice(at + 1)), row = table.insertRow();
      values[name] = value;
      make('th', names[name] ? names[name] + ' (' + name + ')' : decode(name), row).scope = 'row';
      make('td', meaning(name, value), row);
    });
    make('b', values.t || '(no type)', summary);
    make('span', new Date(performance.timeOrigin + entry.startTime).toLocaleTimeString(), summary);
    told = outcome(entry);
    if (told) make('span', told + ' after ' + Math.round(entry.duration) + ' ms', summary).className = told.indexOf('answered') ? 'wrong' : '';
    element('none').hidden = true;
    list.insertBefore(item, list.firstChild);
    if (list.children.length > listedMax) list.removeChild(list.lastChild);
  }

  function describe() {
    var tag = window.divolte, list = element('ids');
    list.textContent = '';
    [['Party', tag.partyId, tag.isNewPartyId], ['Session', tag.sessionId, tag.isFirstInSession], ['Page view', tag.pageViewId]].forEach(function (fact) {
      make('dt', fact[0] + (fact[2] === undefined || !fact[1] ? '' : fact[2] ? ', new' : ', known from a cookie'), list);
      make('dd', fact[1] || 'none yet', list);
    });
  }

  function ready() {
    var tag = window.divolte;
    if (!tag || typeof tag.signal !== 'function') {
      element('state').textContent = 'The tag is not there: no source of type browser is configured, or a blocker of this browser keeps it away.';
      element('send').disabled = true;
      return;
    }
    element('state').textContent = 'The tag is there.';
    describe();
    if (!tag.consent) return;
    element('consent').hidden = false;
    element('agree').addEventListener('click', function () { tag.consent(true); describe(); });
    element('refuse').addEventListener('click', function () { tag.consent(false); });
  }

  function send(event) {
    var text = element('parameters').value.trim(), value;
    event.preventDefault();
    element('mistake').textContent = '';
    try { value = text ? JSON.parse(text) : undefined; } catch (broken) {
      element('mistake').textContent = 'The parameters are no JSON: ' + broken.message;
      return;
    }
    if (window.divolte.signal(element('type').value, value) === null) element('mistake').textContent = 'Nothing was sent: an event needs a type, and consent where it is asked for.';
    describe();
  }

  if (window.PerformanceObserver) {
    new PerformanceObserver(function (list) {
      var entries = list.getEntries();
      if (document.readyState === 'loading') early = early.concat(entries);
      else entries.forEach(show);
    }).observe({ type: 'resource', buffered: true });
  }
  document.addEventListener('DOMContentLoaded', function () {
    early.forEach(show);
    if (!window.PerformanceObserver) element('none').textContent = 'This browser does not tell what it has sent.';
    element('form').addEventListener('submit', send);
  });
  window.addEventListener('load', ready);
}());
