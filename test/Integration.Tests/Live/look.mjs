// Opens the live page at one width, waits until it shows events and so many frontends, and prints as JSON what it shows.
//   node look.mjs URL WIDTH FRONTENDS [SCREENSHOT]
// Needs puppeteer-core, a folder `node_modules` away. Environment: CHROMIUM (path).
import puppeteer from 'puppeteer-core';

const [address, width, frontends, screenshot] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  const hosts = new Set();
  const errors = [];
  page.on('request', request => { if (!request.url().startsWith('data:')) hosts.add(new URL(request.url()).host); });
  page.on('console', message => { if (message.type() === 'error') errors.push(message.text()); });
  page.on('pageerror', error => errors.push(String(error)));
  await page.setViewport({ width: Number(width), height: 900 });
  await page.goto(address);
  try {
    await page.waitForFunction(
      count => parseFloat(document.getElementById('events').textContent) > 0 && parseFloat(document.getElementById('drops').textContent) > 0
        && parseFloat(document.getElementById('frontends').textContent) === count && parseFloat(document.getElementById('repetitions').textContent) > 0
        && document.querySelector('#records pre') && document.querySelector('#browsers meter') && parseFloat(document.getElementById('written').textContent) > 0,
      { timeout: 20000 }, Number(frontends));
  } catch (error) {
    throw new Error(`${error}; the page shows: ${await page.evaluate(() => document.body.innerText)}; errors: ${errors.join('; ')}`);
  }
  const shown = await page.evaluate(() => {
    const texts = selector => [...document.querySelectorAll(selector)].map(element => element.textContent);
    const chart = document.getElementById('sources-chart');
    return {
      state: document.getElementById('state').textContent,
      frontends: document.getElementById('frontends').textContent,
      sinks: [...document.querySelectorAll('#sinks tr')].map(line => [...line.cells].map(cell => cell.textContent)),
      sources: texts('#sources-legend li'),
      edge: [...document.querySelectorAll('#edge tr')].map(line => [line.className, ...[...line.cells].map(cell => cell.textContent)]),
      browsers: texts('#browsers td:first-child'),
      shards: document.querySelectorAll('#shards svg').length,
      records: texts('#records pre'),
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      drawn: new Set(chart.getContext('2d').getImageData(0, 0, chart.width, chart.height).data).size > 1,
    };
  });
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  console.log(JSON.stringify({ ...shown, hosts: [...hosts], errors }));
} finally {
  await browser.close();
}
