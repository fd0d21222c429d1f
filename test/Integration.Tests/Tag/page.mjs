// Opens the test page in Chromium, sends an event and prints what the page shows, as JSON: node page.mjs ADDRESS WIDTH [SCREENSHOT]
// The page gets a policy that allows its own files alone. Needs puppeteer-core. Environment: CHROMIUM (path).
import puppeteer from 'puppeteer-core';

const [, , address, width, screenshot] = process.argv;
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'";
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ['--no-sandbox'] });
const page = await browser.newPage();
const errors = [], origins = new Set();
page.on('pageerror', error => errors.push(String(error?.message ?? error)));
page.on('console', message => { if (message.type() === 'error') errors.push(message.text()); });
await page.setViewport({ width: +width, height: 900 });
await page.setRequestInterception(true);
page.on('request', async request => {
  const url = new URL(request.url());
  if (url.protocol !== 'data:') origins.add(url.origin);
  if (request.resourceType() !== 'document') return request.continue();
  const answer = await fetch(request.url());
  return request.respond({ status: answer.status, headers: { 'content-type': 'text/html', 'content-security-policy': policy }, body: Buffer.from(await answer.arrayBuffer()) });
});
const listed = count => page.waitForFunction(number => document.querySelectorAll('#sent li').length >= number, { timeout: 10000 }, count);
await page.goto(address, { waitUntil: 'load' });
await listed(1);
await page.click('#parameters', { count: 3 });
await page.keyboard.press('Backspace');
await page.type('#parameters', '{"text": "a!b~c", "list": [1, -2.5, null, true], "__proto__": {"deep": {}}');
await page.click('#send');
const mistake = await page.$eval('#mistake', element => element.textContent);
await page.type('#parameters', '}');
await page.click('#send');
await listed(2);
await page.$$eval('details', all => all.forEach(details => { details.open = true; }));
const shown = await page.evaluate(() => ({
  state: document.getElementById('state').textContent,
  ids: [...document.querySelectorAll('#ids dd')].map(element => element.textContent),
  events: [...document.querySelectorAll('#sent li')].map(item => ({
    summary: [...item.querySelectorAll('summary > *')].map(part => part.textContent),
    rows: Object.fromEntries([...item.querySelectorAll('tr')].map(row => [row.cells[0].textContent, row.cells[1].textContent])),
  })),
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  small: [...document.querySelectorAll('button')].filter(button => button.offsetParent && button.offsetHeight < 44).length,
  tag: window.divolte.partyId,
}));
if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
console.log(JSON.stringify({ ...shown, mistake, errors, origins: [...origins] }));
await browser.close();
