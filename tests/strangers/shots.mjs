// Pictures of a worker's status page: shots.mjs URL PREFIX [TEXT] writes PREFIX-wide.png and PREFIX-narrow.png once the page shows TEXT.
import { chromium } from 'playwright-core';

const [url, prefix, text] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--no-first-run'] });
for (const [name, width, colorScheme] of [['wide', 1280, 'light'], ['narrow', 390, 'dark']]) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  await page.goto(url);
  await page.locator('.card').first().waitFor();
  await page.locator('#freshness:not(:empty)').waitFor();
  if (text) await page.getByText(text).first().waitFor({ timeout: 90_000 });
  await page.screenshot({ path: `${prefix}-${name}.png`, fullPage: true });
  await page.close();
}
await browser.close();
