// Somebody else's browser looks at the status page: page.mjs URL {token, record, shots}. Prints what it saw, and once more when the worker has gone silent.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [url, given] = process.argv.slice(2);
const { token, record, shots, expect, drop } = JSON.parse(given);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tell = seen => console.log(JSON.stringify(seen));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const seen = { faults: [], foreign: [], axe: [], overflow: [] };
let page;
let asks = false;
const asked = [];
for (const [name, width, colorScheme] of [['wide', 1280, 'light'], ['narrow', 390, 'dark']]) {
  page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: false });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', error => seen.faults.push(`${error}`));
  page.on('console', message => { if (message.type() === 'error' && !/status of 40[01]/.test(message.text())) seen.faults.push(message.text()); });
  page.on('dialog', dialog => { if (asks) asked.push(dialog.message()); else seen.faults.push(`a dialog: ${dialog.message()}`); return asks ? dialog.accept() : dialog.dismiss(); });
  page.on('request', request => { if (new URL(request.url()).origin !== new URL(url).origin) seen.foreign.push(request.url()); });
  await page.goto(url);
  if (token) {
    await page.locator('#token-form').waitFor();
    seen.beforeToken = await page.locator('main').innerText();
    await page.getByLabel('Token').fill(`${token}-not`);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.locator('#token-fault:not(:empty)').waitFor();
    seen.refused = await page.locator('#token-fault').innerText();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Open' }).click();
  }
  await page.locator('.card').first().waitFor();
  if (expect) await page.getByText(expect).first().waitFor();
  if (drop) await page.getByRole('button', { name: /^Drop event/ }).waitFor();
  await page.locator('#freshness:not(:empty)').waitFor();
  seen.orgs = await page.locator('#orgs').innerText();
  seen.markup = await page.locator('#orgs :is(img, script, iframe, a, form)').count();
  seen.title = await page.title();
  if (record) {
    await page.getByLabel('Record id').fill('nonsense-nonsense');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('#life-fault:not(:empty)').waitFor();
    seen.noRecord = await page.locator('#life-fault').innerText();
    await page.getByLabel('Record id').fill(record);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('#life-entries li').first().waitFor();
    seen.life = await page.locator('#life-entries').innerText();
  }
  // What is looked at is not to change in between: the next overview comes after two seconds.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  seen.axe.push(...violations.map(v => `${name}: ${v.impact} ${v.id}: ${v.nodes[0].html}`));
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) seen.overflow.push(name);
  if (shots) await page.screenshot({ path: `${shots}-${name}.png`, fullPage: true });
  if (name === 'wide') await page.close();
}
// What a person may have done; each is asked for first where it cannot be taken back.
const said = [];
const press = async (name, until) => {
  await page.getByRole('button', { name }).click();
  await page.locator('#said', { hasText: 'done' }).waitFor();
  said.push(await page.locator('#said').innerText());
  await until.waitFor();
};
if (drop) {
  asks = true;
  await press(/^Drop event/, page.locator('dl.figures div', { hasText: 'Quarantined' }).getByText('0', { exact: true }));
  await press(/^Pause /, page.locator('.badge', { hasText: 'paused' }));
  await press(/^Resume /, page.locator('.badge', { hasText: /^(streaming|repairing|catching up)$/ }));
}
tell({ ...seen, asked, said });
await page.getByText('no word from the worker').waitFor({ timeout: 30_000 });
tell({ silent: await page.locator('#freshness').innerText() });
await browser.close();
