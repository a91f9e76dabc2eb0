// Pictures of every page in both themes and three widths, for people to look at.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { screenshotFolder, takesScreenshots } from './environment.mjs';

export const THEMES = ['light', 'dark'];
export const WIDTHS = [360, 768, 1440];

/** Empties the folder of one gallery. */
export function clearScreenshots(gallery) {
  if (!takesScreenshots) return;
  const folder = join(screenshotFolder, gallery);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** Shows the page in each theme and width, takes its picture unless nobody wants it, and calls `look` with what it is shown in. */
export async function inEveryLook(page, name, look) {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      // The page hears of its size with the next frame.
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const path = join(screenshotFolder, `${name}-${colorScheme}-${width}.png`);
      if (takesScreenshots) await page.screenshot({ path, fullPage: true });
      await look(`${colorScheme} ${width}`);
    }
  }
}
