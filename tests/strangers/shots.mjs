// Pictures of a worker's status page: shots.mjs URL PREFIX [TEXT] writes PREFIX-wide.png and PREFIX-narrow.png once the page shows TEXT; its upper part.
import { chromium } from 'playwright-core';

const [url, prefix, text] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--no-first-run'] });
for (const [name, width, colorScheme] of [['wide', 1280, 'light'], ['narrow', 390, 'dark']]) {
  const page = await browser.newPage({ viewport: { width, height: 1300 }, colorScheme });
  // The worker may just be starting again.
  for (const until = Date.now() + 15_000; ;) {
    try {
      await page.goto(url);
      await page.locator('.card').first().waitFor({ timeout: 5_000 });
      break;
    } catch (gone) {
      if (Date.now() > until) throw gone;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
  }
  await page.locator('#freshness:not(:empty)').waitFor();
  if (text) await page.getByText(text).first().waitFor({ timeout: 90_000 });
  await page.screenshot({ path: `${prefix}-${name}.png` });
  await page.close();
}
await browser.close();
