// Plays recorded scenarios of the tag in a browser, and writes what it did:
//   node play.mjs --engine chromium|firefox --scenarios FILE --out FILE
//   node play.mjs --print-conf --scenarios FILE          the configuration that the scenarios assume
// Needs puppeteer-core, a folder `node_modules` away. Environment: COLLECTOR (its address), FRONT_PORT, UPPORT, CHROMIUM, FIREFOX (paths), PAGES,
// QUIET (ms without traffic that end a step; 300).
import http from 'node:http';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const arg = (n, d) => { const i = process.argv.indexOf('--' + n); return i < 0 ? d : process.argv[i + 1]; };
const LIST = arg('scenarios', path.join(here, '../scenarios.jsonl'));
const ROWS = fs.readFileSync(LIST, 'utf8').split('\n').filter(Boolean).map(l => JSON.parse(l));
const SETTINGS = Object.fromEntries(ROWS.map(r => [r.settings_name, r.settings]));
const cum = r => r.keepFirst ? r.steps.map((_, i) => i === r.steps.length - 1 ? r.expect.beacon_count : 1) : r.steps.map((_, i) => r.expect.beacons.filter(b => b.step <= i).length); // beacons to wait for, at most 5 s
const SCENARIOS = ROWS.map(r => ({ ...r, hint: cum(r), settings: r.settings_name, expect: undefined, firefox: undefined, sample: undefined, env: undefined }));
if (process.argv.includes('--print-conf')) {
  let s = `divolte {\n global { server { host = "127.0.0.1", port = ${process.env.UPPORT || 21201} }, kafka.enabled = false, hdfs.enabled = false }\n sources {\n`;
  for (const [n, o] of Object.entries(SETTINGS)) s += `  "${n}" { type = browser, prefix = "/${n}${o.prefix ?? '/'}"` + Object.entries(o).filter(([k]) => k !== 'prefix').map(([k, v]) => `, ${k} = ${JSON.stringify(v)}`).join('') + ' }\n';
  console.log(s + ' }\n sinks {}\n mappings {}\n}'); process.exit(0);
}
const { default: puppeteer } = await import('puppeteer-core');
const ENGINE = arg('engine', 'chromium'), OUT = arg('out', 'rec.jsonl'), ONLY = arg('only', '');
const COLLECTOR = new URL(process.env.COLLECTOR || 'http://127.0.0.1:21201');
const PORT = +(process.env.FRONT_PORT || 21200);
const PAGES = process.env.PAGES || path.join(here, '../pages');
const QUIET = +(process.env.QUIET || 300);
const sleep = ms => new Promise(r => setTimeout(r, ms));

// ---------- front: an HTTP proxy that serves the pages and passes collector traffic on ----------
let S = null; // state of the running scenario
function fresh(sc) {
  return { sc, beacons: [], scripts: 0, pages: [], inflight: 0, last: Date.now(), step: -1, faults: sc.server || {} };
}
const agent = new http.Agent({ keepAlive: true });
function toCollector(req, res, u, st, entry) {
  const p = '/' + (st.sc.settings || 'default') + u.pathname + u.search;
  const up = http.request({ host: COLLECTOR.hostname, port: COLLECTOR.port, path: p, method: req.method, agent,
    headers: { ...req.headers, host: u.host, connection: 'keep-alive' } }, r => {
    const h = { ...r.headers }; delete h['connection']; delete h['keep-alive'];
    if (entry) entry.status = r.statusCode;
    res.writeHead(r.statusCode, h); r.pipe(res);
  });
  up.on('error', () => { try { res.writeHead(502); res.end(); } catch {} });
  req.pipe(up);
}
const front = http.createServer({ maxHeaderSize: 1 << 20 }, (req, res) => {
  let u; try { u = new URL(req.url.startsWith('/') ? 'http://' + req.headers.host + req.url : req.url); } catch { res.writeHead(400); return res.end(); }
  const st = S;
  if (!st || !u.hostname.endsWith('.test')) { res.writeHead(404); return res.end(); }
  const set = SETTINGS[st.sc.settings || 'default'] || {};
  const rawPath = (req.url.startsWith('/') ? req.url : req.url.replace(/^http:\/\/[^/?#]*/, '')) || '/';
  const js = set['javascript.name'] || 'divolte.js';
  const pageName = u.pathname.slice(1) || 'index.html';
  const file = path.join(PAGES, path.basename(pageName));
  const isCollectorHost = /^(collector|track|slow)\./.test(u.hostname);
  const image = /^image\//.test(req.headers.accept || '') || /\bimage\b/.test(req.headers['sec-fetch-dest'] || '');
  const isScript = !image && (u.pathname.endsWith('/' + js) || u.pathname.endsWith('/divolte.js'));
  if (u.pathname === '/favicon.ico') { res.writeHead(204); return res.end(); }
  st.last = Date.now(); st.inflight++;
  let done = false; const fin = () => { if (!done) { done = true; st.inflight--; st.last = Date.now(); } };
  res.on('close', fin); res.on('finish', fin);
  if (isScript) {
    st.scripts++;
    const f = st.faults.script;
    if (f?.status) { res.writeHead(f.status, { 'content-type': 'text/plain' }); return res.end('no'); }
    if (f?.abort) return req.socket.destroy();
    if (f?.delay) return void setTimeout(() => toCollector(req, res, u, st), f.delay);
    return toCollector(req, res, u, st);
  }
  if (!image && !isCollectorHost && req.method === 'GET' && !u.pathname.endsWith('csc-event')) {
    const alias = st.sc.alias?.[u.pathname];
    const fp = alias ? path.join(PAGES, alias) : file;
    if (fs.existsSync(fp) && fs.statSync(fp).isFile()) {
      const ext = path.extname(fp);
      const h = { 'content-type': ext === '.xhtml' ? 'application/xhtml+xml' : ext === '.svg' ? 'image/svg+xml' : ext === '.js' ? 'text/javascript' : 'text/html; charset=utf-8', 'cache-control': 'no-cache' };
      if (st.sc.pageHeaders) Object.assign(h, st.sc.pageHeaders);
      st.pages.push(u.href);
      res.writeHead(200, h); return res.end(fs.readFileSync(fp));
    }
    if (u.pathname.startsWith('/r/')) { res.writeHead(302, { location: u.searchParams.get('to') }); return res.end(); }
    res.writeHead(404, { 'content-type': 'text/html' }); return res.end('<!doctype html><title>none</title>');
  }
  // everything else is a beacon
  const entry = { at: Date.now(), step: st.step, method: req.method, host: u.host, path: rawPath.split('?')[0], rawQuery: rawPath.includes('?') ? rawPath.slice(rawPath.indexOf('?') + 1) : null,
    kind: image ? 'image' : 'other', referer: req.headers.referer ?? null, cookie: req.headers.cookie ?? null, inflightBefore: st.beacons.filter(b => !b.end).length };
  let body = []; req.on('data', d => body.push(d)); req.on('end', () => { if (body.length) entry.body = Buffer.concat(body).toString('latin1'); });
  st.beacons.push(entry);
  res.on('close', () => { entry.end = Date.now(); });
  let f = st.faults.event; if (Array.isArray(f)) f = f[Math.min(st.beacons.length - 1, f.length - 1)];
  const go = () => {
    if (f?.abort) return req.socket.destroy();
    if (f?.status) { entry.status = f.status; res.writeHead(f.status, f.headers || { 'content-type': 'text/plain' }); return res.end(f.body ?? ''); }
    if (f?.hang) return;
    toCollector(req, res, u, st, entry);
  };
  if (f?.delay) setTimeout(go, f.delay); else go();
});
front.on('clientError', (e, s) => s.destroy());
front.on('connect', (q, s) => s.destroy());

// ---------- checksum ----------
function murmur(bytes) {
  let h = 0; const n = bytes.length, end = n & ~3, c1 = 0xcc9e2d51, c2 = 0x1b873593; let k;
  for (let i = 0; i < end; i += 4) {
    k = bytes.readInt32LE(i); k = Math.imul(k, c1); k = (k << 15) | (k >>> 17); k = Math.imul(k, c2);
    h ^= k; h = (h << 13) | (h >>> 19); h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  k = 0;
  if ((n & 3) > 2) k ^= bytes[end + 2] << 16;
  if ((n & 3) > 1) k ^= bytes[end + 1] << 8;
  if (n & 3) { k ^= bytes[end]; k = Math.imul(k, c1); k = (k << 15) | (k >>> 17); k = Math.imul(k, c2); h ^= k; }
  h ^= n; h ^= h >>> 16; h = Math.imul(h, 0x85ebca6b); h ^= h >>> 13; h = Math.imul(h, 0xc2b2ae35); h ^= h >>> 16;
  return h | 0;
}
const dec = s => { try { return decodeURIComponent(s.replace(/\+/g, ' ')); } catch { return null; } };
function checksum(pairs) {
  const m = {}; for (const [n, v] of pairs) { const k = dec(n); if (k !== 'x') (m[k] ??= []).push(dec(v)); }
  const t = Object.keys(m).sort().map(k => k + '=' + m[k].map(v => v + ',').join('') + ';').join('');
  return murmur(Buffer.from(t, 'utf8')).toString(36);
}

// ---------- in-page helpers ----------
const HELPER = `(() => {
  if (window.__rec) return;
  const R = window.__rec = { writes: [] };
  const d = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  if (d && d.set) Object.defineProperty(Document.prototype, 'cookie', { configurable: true, enumerable: true, get: d.get,
    set(v) { if (!R.off) R.writes.push(String(v)); return d.set.call(this, v); } });
  R.ser = (v, depth = 0) => {
    switch (typeof v) {
      case 'undefined': return { '$': 'undefined' };
      case 'function': return { '$': 'function', arity: v.length };
      case 'symbol': case 'bigint': return { '$': typeof v };
      case 'number': return Number.isFinite(v) ? (Object.is(v, -0) ? { '$': '-0' } : v) : { '$': String(v) };
      case 'object': if (v === null) return null; if (depth > 6) return { '$': 'deep' };
        if (v instanceof Node) return { '$': 'element' };
        if (Array.isArray(v)) return v.map(x => R.ser(x, depth + 1));
        { const o = {}; for (const k of Object.keys(v)) o[k] = R.ser(v[k], depth + 1); return o; }
    }
    return v;
  };
  R.thrown = e => ({ thrown: typeof e, name: e && e.name, string: typeof e === 'string' ? e : undefined });
})();`;
const GIST = [
  [/could not initialize itself; multiple/i, 'could not start (logging on: several script elements match)'],
  [/could not initialize itself; could not locate/i, 'could not start (logging on: no script element matches)'],
  [/could not initialize itself/i, 'could not start'],
  [/not initialized correctly; page view ID/i, 'page view id in the script fragment has a slash'],
  [/Cannot encode of type: (\w+)/, m => 'value of type ' + m[1] + ' cannot be encoded'],
];
const gist = s => { for (const [r, g] of GIST) { const m = r.exec(s); if (m) return typeof g === 'function' ? g(m) : g; } return null; };
function cleanThrown(t) {
  if (t && typeof t === 'object' && !Array.isArray(t)) {
    if ('thrown' in t) { const o = { thrown: t.thrown }; if (t.thrown === 'string') o.gist = gist(t.string) ?? t.string; else if (t.name) o.name = t.name; return o; }
    return Object.fromEntries(Object.entries(t).map(([k, v]) => [k, cleanThrown(v)]));
  }
  return Array.isArray(t) ? t.map(cleanThrown) : t;
}

// ---------- one scenario ----------
async function quiet(st, ms) {
  const t0 = Date.now();
  while (Date.now() - t0 < 9000) { if (Date.now() - st.last >= ms && st.inflight === 0) return; await sleep(20); }
}
async function runScenario(browser, sc) {
  const st = S = fresh(sc);
  const ctx = await browser.createBrowserContext();
  const results = [], errors = [], logs = {}, writes = [];
  const env = {};
  let page; const pages = [];
  const newPage = async () => {
    const p = await ctx.newPage(); pages.push(p); page = p;
    p.setDefaultTimeout(8000); p.setDefaultNavigationTimeout(8000);
    if (sc.viewport || ENGINE === 'chromium') await p.setViewport(sc.viewport || { width: 1280, height: 720 }).catch(() => {});
    // Firefox reports refusals of its own like errors of the page.
    p.on('pageerror', e => /^(Cookie “|Content-Security-Policy: |Cross-Origin Request Blocked: )/.test(String(e?.message)) || errors.push((e?.name && e.name !== 'Error' && !/Error/.test(String(e.message)) ? e.name + ': ' : '') + String(e?.message ?? e)));
    p.on('console', m => { const t = m.type(); if (/Failed to load|ERR_|404|503|violates|Content.Security|Cookie|cookie|quirks|Quirks|blocked|Unsafe|sandbox/i.test(m.text()) && !sc.keepConsole) return; logs[t] = (logs[t] || 0) + 1; });
    await p.evaluateOnNewDocument(HELPER);
    if (sc.clock != null) await p.evaluateOnNewDocument(`(() => { const D = Date, T = ${sc.clock}; const F = function Date(...a) { return new.target ? (a.length ? new D(...a) : new D(T)) : new D(T).toString(); }; F.prototype = D.prototype; F.now = () => T; F.UTC = D.UTC; F.parse = D.parse; D.prototype.constructor = F; window.Date = F; })()`);
    if (sc.init) await p.evaluateOnNewDocument(sc.init);
    return p;
  };
  const grab = async p => { try { const w = await p.evaluate(() => { const w = window.__rec ? window.__rec.writes.splice(0) : []; return w; }); writes.push(...w); } catch {} };
  const doEval = async (p, code, frame) => {
    const target = frame != null ? p.frames()[frame] : p;
    const r = await target.evaluate(`(async () => { try { return window.__rec.ser(await (async () => { ${code} })()); } catch (e) { return window.__rec.thrown(e); } })()`);
    return cleanThrown(r);
  };
  try {
    for (const c of sc.cookies || []) {
      await ctx.setCookie({ domain: 'www.shop.test', path: '/', ...c, ...(ENGINE === 'firefox' ? {} : {}) });
    }
    await newPage();
    for (let i = 0; i < sc.steps.length; i++) {
      const s = sc.steps[i]; st.step = i;
      const before = st.beacons.length;
      let r;
      try {
        if (s.server) st.faults = s.server;
        if (s.open) await page.goto(s.open, { waitUntil: s.until || 'load', referer: s.referer });
        else if (s.eval) {
          if (s.leaves) { const nav = page.waitForNavigation({ waitUntil: 'load' }).catch(() => {}); await grab(page); r = await doEval(page, s.eval).catch(() => undefined); await nav; }
          else r = await doEval(page, s.eval, s.frame);
        }
        else if (s.click) { await grab(page); if (s.leaves) { const nav = page.waitForNavigation({ waitUntil: 'load' }); await page.click(s.click); await nav; } else await page.click(s.click); }
        else if (s.reload) { await grab(page); await page.reload({ waitUntil: 'load' }); }
        else if ((s.back || s.forward) && ENGINE === "firefox") { await grab(page); await page.evaluate(s.back ? "setTimeout(function(){history.back()},0)" : "setTimeout(function(){history.forward()},0)"); await sleep(900); }
        else if (s.back) { await grab(page); await page.goBack({ waitUntil: 'load' }); }
        else if (s.forward) { await grab(page); await page.goForward({ waitUntil: 'load' }); }
        else if (s.newTab) { await newPage(); await page.goto(s.newTab, { waitUntil: 'load' }); }
        else if (s.tab != null) { page = pages[s.tab]; await page.bringToFront(); }
        else if (s.closeTab) { await page.close(); pages.splice(pages.indexOf(page), 1); page = pages[pages.length - 1]; }
        else if (s.viewport) await page.setViewport(s.viewport);
        else if (s.clearCookies) { const cs = await ctx.cookies(); if (cs.length) await ctx.deleteCookie(...cs); }
        else if (s.setCookie) await ctx.setCookie({ domain: 'www.shop.test', path: '/', ...s.setCookie });
        if (s.wait) await sleep(s.wait);
        if (!s.nowait) { await quiet(st, s.quiet || QUIET); const want = sc.hint?.[i] || 0, t0 = Date.now(); while (st.beacons.length < want && Date.now() - t0 < 5000) await sleep(25); await quiet(st, QUIET); } // the page has its answer, too
      } catch (e) { r = { stepFailed: String(e.message).split('\n')[0].slice(0, 200) }; }
      if (s.eval || r) results.push({ step: i, result: r === undefined ? { '$': 'undefined' } : r });
      if (page && !page.isClosed()) await grab(page);
    }
    await quiet(st, QUIET);
    const last = pages[pages.length - 1];
    const ex = async p => { try { return await p.evaluate(() => {
      const d = window.divolte; const o = { type: d === null ? 'null' : typeof d };
      if (d && typeof d === 'object' && 'signal' in d) { o.members = {}; for (const k of Object.keys(d)) o.members[k] = window.__rec ? window.__rec.ser(d[k]) : String(d[k]); }
      return { o, env: { availWidth: screen.availWidth, availHeight: screen.availHeight, innerWidth, innerHeight, devicePixelRatio } };
    }); } catch (e) { return null; } };
    const e = page && !page.isClosed() ? await ex(page) : null;
    if (e) { Object.assign(env, e.env); }
    const jar = (await ctx.cookies()).map(c => ({ name: c.name, value: c.value, domain: c.domain, path: c.path, expires: c.expires, httpOnly: c.httpOnly, secure: c.secure, sameSite: c.sameSite ?? null }));
    for (const p of pages) if (p !== page) await grab(p);
    return normalise(sc, st, { results, errors, logs, writes, jar, exports: e?.o ?? null, env });
  } finally {
    S = { ...fresh({ name: '-', steps: [] }) };
    await ctx.close().catch(() => {});
  }
}

// ---------- generated ids and times become placeholders ----------
function normalise(sc, st, r) {
  const problems = [];
  const ids = {}; const byRaw = new Map(); const count = {};
  const name = (raw, role) => {
    if (byRaw.has(raw)) return byRaw.get(raw);
    count[role] = (count[role] || 0) + 1; const n = role + count[role]; byRaw.set(raw, n);
    const m = /^0:(?:([0-9a-z]+):)?([A-Za-z0-9~_]{32})(!?)$/.exec(raw);
    ids[n] = { shape: m[1] ? '0:<time>:<32>' + m[3] : '0:<32>' + m[3], time: m[1] ? parseInt(m[1], 36) : null };
    return n;
  };
  const RE = /0(:|%3A)(?:([0-9a-z]{8})(:|%3A))?([A-Za-z0-9~_]{32})(?![A-Za-z0-9~_]{5})(!?)/g;
  const given = new Set((sc.fixed || []));
  const sub = (s, role) => typeof s !== 'string' ? s : s.replace(RE, (all, _1, t, _2, u, bang) => {
    const raw = '0:' + (t ? t + ':' : '') + u + bang;
    if (given.has(raw)) return all;
    return '{' + name(raw, role || (t ? 'id' : 'view')) + '}';
  });
  const deep = (v) => typeof v === 'string' ? sub(v) : Array.isArray(v) ? v.map(deep) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, deep(x)])) : v;
  // times of the clock parameter
  const cs = [];
  for (const b of st.beacons) { const m = /(?:^|&)c=(-?[0-9a-z]+)/.exec(b.rawQuery || ''); if (m) { b.c = parseInt(m[1], 36); cs.push(b.c); } }
  const t0 = st.beacons[0]?.at;
  let prev = null;
  const beacons = st.beacons.map((b, i) => {
    const pairs = b.rawQuery == null ? [] : b.rawQuery.split('&').map(x => { const j = x.indexOf('='); return j < 0 ? [x, null] : [x.slice(0, j), x.slice(j + 1)]; });
    const role = { p: 'party', s: 'session', v: 'view', e: 'view' };
    const x = pairs.find(q => q[0] === 'x')?.[1];
    const right = x == null ? null : checksum(pairs.map(([n, v]) => [n, v ?? ''])) === x;
    const frozen = sc.clock != null;
    const q = pairs.map(([n, v]) => {
      if (v == null) return [n, null];
      if (n === 'c' && !frozen) { const c = parseInt(v, 36); if (!(c <= b.at + 5 && c > b.at - 20000)) problems.push('clock of beacon ' + i); return [n, '{time}']; }
      return [n, sub(v, role[n])];
    });
    const vol = JSON.stringify(q).includes('{');
    if (vol) for (const p of q) if (p[0] === 'x') p[1] = '{checksum}';
    const o = { step: b.step, method: b.method, url: 'http://' + b.host + b.path, kind: b.kind, query: q, checksum_right: right };
    if (b.body) o.body = b.body;
    o.referer_header = b.referer; o.cookie_header = b.cookie == null ? null : sub(b.cookie);
    o.answer = b.status ?? (b.end ? 'none' : 'pending');
    o.unanswered_before = sc.group === 'frames' ? null : b.inflightBefore; // two queues race there
    if (sc.timing) o.ms_after_previous = prev == null ? null : Math.round((b.at - prev) / sc.timing) * sc.timing;
    prev = b.at;
    const len = (b.rawQuery || '').length; o.query_length = vol ? undefined : len; if (b.rawQuery && len > 4000) { /* long values are shortened */ for (const p of o.query) if (p[1] && p[1].length > 2000) p[1] = { length: p[1].length, head: p[1].slice(0, 60), tail: p[1].slice(-60) }; }
    return o;
  });
  // relations
  const rel = [];
  for (let i = 1; i < cs.length; i++) if (cs[i] < cs[i - 1]) problems.push('clock went back');
  const off = (dateText) => { const t = Date.parse(dateText); for (const c of cs) for (const d of [0]) { const diff = t - Math.floor(c / 1000) * 1000; if (Number.isFinite(diff)) return c; } return null; };
  const writes = r.writes.map(w => sub(w).replace(/expires=([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4,6} \d\d:\d\d:\d\d GMT|Invalid Date)/, (all, d) => {
    if (sc.clock != null || d === 'Invalid Date') return all;
    const m = /max-age=(-?\d+)/.exec(w); if (!m) return 'expires={date}';
    const t = Date.parse(d); const ok = cs.some(c => Math.floor((c + 1000 * +m[1]) / 1000) * 1000 === t) || Math.abs(t - Date.now() - 1000 * +m[1]) < 20000;
    return ok ? 'expires={event time + max-age}' : 'expires={other ' + Math.round((t - Date.now()) / 1000 / 60) + ' min}';
  }));
  const jar = r.jar.map(c => ({ ...c, value: sub(c.value) })).map(c => {
    const o = { name: c.name, value: c.value, domain: c.domain, path: c.path };
    if (c.expires == null || c.expires < 0) o.expires = 'session'; else {
      const s = c.expires - Date.now() / 1000; o.lifetime_seconds = s > 1000000 ? Math.round(s / 86400) * 86400 : Math.round(s / 60) * 60; }
    o.httpOnly = c.httpOnly; o.secure = c.secure; o.sameSite = c.sameSite === null || c.sameSite === 'default' || c.sameSite === 'Default' ? null : c.sameSite;
    return o;
  }).sort((a, b) => (a.name + a.domain + a.path < b.name + b.domain + b.path ? -1 : 1));
  const results = deep(r.results), exports = deep(r.exports);
  // time relations between ids
  const loads = {}; for (const [n, o] of Object.entries(ids)) if (o.time != null) (loads[o.time] ??= []).push(n);
  const same = Object.values(loads).filter(l => l.length > 1 && new Set(l.map(x => x)).size > 1).map(l => l.sort());
  for (const o of Object.values(ids)) if (o.time != null && !(o.time <= Date.now() && o.time > Date.now() - 60000)) problems.push('id time');
  const idOut = Object.fromEntries(Object.entries(ids).map(([n, o]) => [n, o.shape]));
  const total = beacons.length; if (sc.keepFirst) beacons.length = Math.min(total, sc.keepFirst); if (sc.keepFirst) writes.length = Math.min(writes.length, 2 * sc.keepFirst);
  const out = { beacon_count: total, beacons, cookie_writes: writes, cookies: jar, exports, results, page_errors: r.errors.map(e => gist(e) ?? ((/\b(\w*Error)\b/.exec(e) || [])[1] || 'Error')), console: r.logs, script_requests: st.scripts, ids: idOut, ids_with_same_time: same };
  if (problems.length) out.problems = problems;
  return { expect: out, env: r.env, sample: st.beacons.slice(0, 2).map(b => (b.rawQuery || '').slice(0, 700)) };
}

// ---------- main ----------
await new Promise(r => front.listen(PORT, '127.0.0.1', r));
async function launch() {
  if (ENGINE === 'firefox') return puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr', headless: true,
    extraPrefsFirefox: { 'network.proxy.type': 1, 'network.proxy.http': '127.0.0.1', 'network.proxy.http_port': PORT, 'network.proxy.no_proxies_on': '', 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'dom.security.https_first': false, 'dom.security.https_only_mode': false, 'browser.safebrowsing.update.enabled': false } });
  return puppeteer.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, acceptInsecureCerts: true,
    args: ['--no-sandbox', '--proxy-server=127.0.0.1:' + PORT, '--disable-background-networking', ...(ROWS.some(r => r.secure) ? ['--unsafely-treat-insecure-origin-as-secure=http://www.shop.test,http://collector.test'] : []), '--disable-component-update', '--no-first-run', '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,HttpsFirstModeV2'] });
}
let browser = await launch(); let n = 0; const rows = [];
const seen = new Set(); for (const s of SCENARIOS) { if (seen.has(s.name)) throw new Error('twice: ' + s.name); seen.add(s.name); }
for (const sc of SCENARIOS) {
  if (ONLY && !new RegExp(ONLY).test(sc.name)) continue;
  if (sc.engines && !sc.engines.includes(ENGINE)) continue;
  if (++n % 60 === 0) { await browser.close(); browser = await launch(); }
  let r; try { r = await Promise.race([runScenario(browser, sc), sleep(45000).then(() => { throw new Error('scenario timeout'); })]); } catch (e) { r = { expect: { failed: String(e.message).slice(0, 300) } }; try { await browser.close(); } catch {} browser = await launch(); }
  rows.push({ ...sc, hint: undefined, ...r });
  if (r.expect.failed || r.expect.problems || JSON.stringify(r.expect.results || '').includes('stepFailed')) console.log('!!', sc.name, r.expect.failed || r.expect.problems || JSON.stringify(r.expect.results));
  if (process.env.V) console.log(sc.name, r.expect.beacons?.length);
}
await browser.close(); front.close(); front.closeAllConnections();
fs.writeFileSync(OUT, rows.map(r => JSON.stringify(r)).join('\n') + '\n');
console.log('recorded', rows.length);
process.exit(0);
