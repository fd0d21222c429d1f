// The live page: reads a snapshot a second and draws it. Counts only grow, so rates are differences; a count that falls is of a process that came back.
'use strict';

const SVG = 'http://www.w3.org/2000/svg';
const HISTORY_SECONDS = 300;
const STALE_AFTER_MILLISECONDS = 5000;
const FRONTENDS_SHOWN_MAX = 100;
const COLORS = ['#2f6fde', '#d9572b', '#1f9d6b', '#8a4fd3', '#c29200', '#0e8fa8', '#c23b76', '#6b7a2c'];

const byId = id => document.getElementById(id);
const colorOf = index => COLORS[index % COLORS.length];
const sum = values => values.reduce((total, value) => total + value, 0);

const history = { sources: new Map(), sinks: new Map() };
const movedAt = new Map();
let previous = null;
let receivedAt = 0;
let moves = 0;

function rate(now, before, seconds) {
  return before === undefined ? 0 : Math.max(0, now - before) / seconds;
}

function number(value) {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function age(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '–';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function show(id, text, state) {
  const element = byId(id);
  element.textContent = text;
  element.classList.remove('good', 'warn', 'bad');
  if (state) element.classList.add(state);
}

function cell(text, className) {
  const element = document.createElement('td');
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

function row(...cells) {
  const element = document.createElement('tr');
  element.append(...cells);
  return element;
}

function swatch(color, title) {
  const element = document.createElementNS(SVG, 'svg');
  element.setAttribute('viewBox', '0 0 1 1');
  const fill = document.createElementNS(SVG, 'rect');
  fill.setAttribute('width', '1');
  fill.setAttribute('height', '1');
  fill.setAttribute('fill', color);
  element.append(fill);
  if (title) {
    const text = document.createElementNS(SVG, 'title');
    text.textContent = title;
    element.append(text);
  }
  return element;
}

function legend(id, entries) {
  byId(id).replaceChildren(...entries.map(([name, color, text]) => {
    const item = document.createElement('li');
    item.append(swatch(color), `${name} ${text}`);
    return item;
  }));
}

function remember(series, time, rates) {
  for (const [name, value] of rates) {
    if (!series.has(name)) series.set(name, []);
    series.get(name).push([time, value]);
  }
  for (const points of series.values()) {
    while (points.length && points[0][0] < time - HISTORY_SECONDS * 1000) points.shift();
  }
}

function draw(id, series, time) {
  const canvas = byId(id);
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  const ink = getComputedStyle(document.body).color;
  const highest = Math.max(1, ...[...series.values()].flatMap(points => points.map(point => point[1])));
  const top = Math.pow(10, Math.ceil(Math.log10(highest)));
  const ceiling = highest <= top / 5 ? top / 5 : highest <= top / 2 ? top / 2 : top;
  const bottom = height - 18;
  const x = at => width - (time - at) / (HISTORY_SECONDS * 1000) * width;
  const y = value => bottom - value / ceiling * (bottom - 14);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = context.strokeStyle = ink;
  context.globalAlpha = 0.6;
  for (const value of [0, ceiling / 2, ceiling]) {
    context.fillText(number(value), 2, y(value) - 2);
    context.fillRect(0, y(value), width, 0.5);
  }
  for (let minutes = 1; minutes < HISTORY_SECONDS / 60; minutes++) context.fillText(`-${minutes} min`, x(time - minutes * 60000) - 12, height - 4);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  [...series.values()].forEach((points, index) => {
    context.strokeStyle = colorOf(index);
    context.beginPath();
    points.forEach(([at, value], position) => position ? context.lineTo(x(at), y(value)) : context.moveTo(x(at), y(value)));
    context.stroke();
  });
}

function showSinks(sinks) {
  byId('sinks').replaceChildren(...sinks.flatMap(sink => sink.ledger.map((line, index) => {
    const ended = sum(Object.values(line.ended));
    const difference = line.accepted - line.written - ended - line.pending;
    const state = { running: 'good', paused: 'warn', stopped: 'bad' }[sink.state];
    const reasons = Object.entries(line.ended).map(([reason, events]) => `${reason} ${number(events)}`).join(', ');
    const element = row(
      cell(index ? '' : sink.name), cell(index ? '' : sink.state + (sink.reason ? `: ${sink.reason}` : ''), state), cell(line.mapping),
      cell(number(line.accepted), 'number'), cell(number(line.written), 'number'), cell(reasons || '0'), cell(number(line.pending), 'number'),
      cell(difference === 0 ? 'balanced' : `off by ${difference}`, difference === 0 ? 'good' : 'bad'),
      cell(index ? '' : bytes(sink.backlogBytes), 'number'), cell(index ? '' : age(sink.oldestMilliseconds), 'number'));
    return element;
  })));
}

function edgeRows(name, sources, className) {
  return sources.map((source, index) => {
    const difference = source.received - source.accepted - sum(Object.values(source.dropped));
    const reasons = Object.entries(source.dropped).map(([reason, events]) => `${reason} ${number(events)}`).join(', ');
    const element = row(
      cell(index ? '' : name), cell(source.source), cell(number(source.received), 'number'), cell(number(source.accepted), 'number'), cell(reasons || '0'),
      cell(difference === 0 ? 'balanced' : `off by ${difference}`, difference === 0 ? 'good' : 'bad'));
    element.classList.add(className);
    return element;
  });
}

function showEdge(snapshot) {
  const gone = snapshot.frontends.filter(frontend => frontend.isGone);
  const there = snapshot.frontends.filter(frontend => !frontend.isGone);
  const shown = [...there, ...gone].slice(0, FRONTENDS_SHOWN_MAX);
  const titleOf = frontend => `${frontend.name}, since ${new Date(frontend.startedAt).toLocaleString()}${frontend.isGone ? `; gone, silent for ${age(frontend.silentMilliseconds)}` : ''}`;
  const rows = [
    ...edgeRows('all that are there', snapshot.edge, 'sum'),
    ...shown.flatMap(frontend => edgeRows(titleOf(frontend), frontend.sources, frontend.isGone ? 'gone' : 'there')),
  ];
  byId('edge').replaceChildren(...(rows.length ? rows : [row(cell('no process takes visitors'))]));
  const more = snapshot.frontends.length - shown.length;
  byId('frontends').textContent = `${there.length} frontends${gone.length ? `, ${gone.length} gone and not in the sum` : ''}${more ? `; ${more} not shown` : ''}`;
}

/** Events dropped since the last snapshot, by those frontends that were in it: one that came or went is no rate. */
function droppedSince(frontends, before) {
  const dropsOf = frontend => sum(frontend.sources.flatMap(source => Object.values(source.dropped)));
  const known = new Map(before.map(frontend => [frontend.instance, dropsOf(frontend)]));
  return sum(frontends.map(frontend => Math.max(0, dropsOf(frontend) - (known.get(frontend.instance) ?? dropsOf(frontend)))));
}

function showBrowsers(browsers) {
  const total = sum(browsers.map(browser => browser.count)) || 1;
  byId('browsers').replaceChildren(...(browsers.length ? browsers.map(browser => {
    const bar = document.createElement('meter');
    bar.max = total;
    bar.value = browser.count;
    const share = cell('', 'share');
    share.append(bar);
    return row(cell(browser.family), share, cell(`${(browser.count / total * 100).toFixed(0)} %`, 'number'));
  }) : [row(cell('none in the last minute; or no mapping asks for user agents'))]));
}

function showShards(snapshot) {
  const before = previous && previous.shards.map(index => index < 0 ? null : previous.silos[index]);
  const places = snapshot.shards.map(index => index < 0 ? null : snapshot.silos[index]);
  const now = Date.parse(snapshot.time);
  places.forEach((silo, shard) => {
    if (before && before[shard] !== silo && silo !== null) {
      movedAt.set(shard, now);
      moves++;
    }
  });
  byId('shards').replaceChildren(...places.map((silo, shard) => {
    const element = swatch(silo === null ? 'transparent' : colorOf(snapshot.silos.indexOf(silo)), `shard ${shard}: ${silo ?? 'nowhere'}`);
    if (now - (movedAt.get(shard) ?? -Infinity) < 10000) element.classList.add('moved');
    return element;
  }));
  byId('moves').textContent = moves ? `${number(moves)} moves since the page was opened` : '';
  legend('silos', snapshot.silos.map((silo, index) => [silo, colorOf(index), `${places.filter(place => place === silo).length} shards`]));
}

function showRecords(records) {
  byId('records').replaceChildren(...(records.length ? records.flatMap(sample => {
    const title = document.createElement('strong');
    title.textContent = `${sample.mapping} → ${sample.sink}, ${new Date(sample.requestedAt).toLocaleTimeString()}`;
    const text = document.createElement('pre');
    text.textContent = JSON.stringify(sample.record, null, 1);
    return [title, text];
  }) : ['None since the page was opened.']));
}

function showFigures(snapshot, seconds) {
  const sources = Object.entries(snapshot.sources).map(([name, events]) => [name, rate(events, previous?.sources[name], seconds)]);
  const writtenOf = sink => sum(sink.ledger.map(line => line.written));
  const sinks = snapshot.sinks.map(sink => {
    const before = previous?.sinks.find(other => other.name === sink.name);
    return [sink.name, rate(writtenOf(sink), before && writtenOf(before), seconds)];
  });
  const time = Date.parse(snapshot.time);
  remember(history.sources, time, sources);
  remember(history.sinks, time, sinks);
  draw('sources-chart', history.sources, time);
  draw('sinks-chart', history.sinks, time);
  legend('sources-legend', sources.map(([name, value], index) => [name, colorOf(index), `${number(value)}/s`]));
  legend('sinks-legend', sinks.map(([name, value], index) => [name, colorOf(index), `${number(value)}/s`]));
  show('events', number(sum(sources.map(source => source[1]))));
  show('repetitions', number(rate(snapshot.repetitions, previous?.repetitions, seconds)));
  const dropped = previous ? droppedSince(snapshot.frontends, previous.frontends) / seconds : 0;
  show('drops', number(dropped), dropped > 0 ? 'warn' : '');
  show('written', number(sum(sinks.map(sink => sink[1]))));
  show('backlog', bytes(sum(snapshot.sinks.map(sink => sink.backlogBytes))));
  const ages = snapshot.sinks.map(sink => sink.oldestMilliseconds).filter(value => value !== null);
  const oldest = ages.length ? Math.max(...ages) : null;
  show('oldest', age(oldest), oldest > 60000 ? 'warn' : '');
}

function showSnapshot(snapshot) {
  const seconds = previous ? Math.max(0.1, (Date.parse(snapshot.time) - Date.parse(previous.time)) / 1000) : 1;
  receivedAt = performance.now();
  showFigures(snapshot, seconds);
  showSinks(snapshot.sinks);
  showEdge(snapshot);
  showBrowsers(snapshot.browsers);
  showShards(snapshot);
  showRecords(snapshot.records);
  show('state', `${snapshot.obstacle ?? snapshot.state.toLowerCase()} · ${snapshot.version.split('+')[0]}`, snapshot.obstacle ? 'bad' : 'good');
  previous = snapshot;
}

const events = new EventSource('live/events');
events.onmessage = message => showSnapshot(JSON.parse(message.data));
events.onerror = () => show('state', 'connection lost, trying again', 'bad');
setInterval(() => {
  if (receivedAt && performance.now() - receivedAt > STALE_AFTER_MILLISECONDS)
    show('state', `figures are ${age(performance.now() - receivedAt)} old`, 'warn');
}, 1000);
