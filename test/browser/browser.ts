import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser of Debian's, with a profile of its own: nothing is known of earlier runs. */
export async function openBrowser(colorScheme: 'light' | 'dark' = 'light'): Promise<BrowserContext & AsyncDisposable> {
  const profile = mkdtempSync(join(tmpdir(), 'assay-browser-'));
  const forget = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const launched = chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    colorScheme,
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const context = await launched.catch((error: unknown) => {
    forget();
    throw error;
  });
  context.setDefaultTimeout(15_000);
  return Object.assign(context, {
    [Symbol.asyncDispose]: async () => {
      await context.close().finally(forget);
    },
  });
}

/** Signs in by the provider's own page, as a person does. */
export async function signIn(page: Page, console: string, email: string, password: string): Promise<void> {
  await page.goto(console);
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await page.getByLabel(/e-?mail/i).fill(email);
  await page.getByLabel(/password/i).fill(password);
  await page.getByRole('button', { name: /sign in|continue/i }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** What axe finds wrong with a page, each in a line. WCAG 2.2 A and AA. */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}
