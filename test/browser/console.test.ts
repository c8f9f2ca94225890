import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { urlsOf } from '../../ops/run/environment.ts';
import { passwordOf } from '../../ops/run/system.ts';
import { photograph } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { openBrowser, signIn, violationsOf } from './browser.ts';

const ground = sharedGround();
const { gateway, store } = urlsOf(ground);
/** ASSAY_PICTURES=1 renews the pictures of the docs; a test run by itself leaves the tree as it was. */
const discarded = process.env['ASSAY_PICTURES'] ? null : mkdtempSync(join(tmpdir(), 'assay-pictures-'));
const pictures = discarded ? `${discarded}/` : fileURLToPath(new URL('../../docs/images/', import.meta.url));
afterAll(() => discarded && rmSync(discarded, { recursive: true, force: true }));

const file = (name: 'coffee.png' | 'chelsea.png') => ({ name, mimeType: 'image/png', buffer: photograph(name) });

describe('the console, as people use it', () => {
  let author: BrowserContext & AsyncDisposable;
  let page: Page;
  let assetPath: string;
  const problems: string[] = [];

  const open = async (email: string, scheme: 'light' | 'dark' = 'light') => {
    const context = await openBrowser(scheme);
    const first = await context.newPage();
    first.on('pageerror', (error) => problems.push(String(error)));
    first.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await signIn(first, gateway, email, passwordOf(ground, email));
    return { context, page: first };
  };
  const shoot = (of: Page, name: string) => of.screenshot({ path: `${pictures}${name}.png` });

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    ({ context: author, page } = await open('author@northlight.test'));
  });
  afterAll(() => author[Symbol.asyncDispose]());

  it('shows only what one’s roles may do', async () => {
    const names = await page.getByRole('navigation').getByRole('link').allTextContents();
    expect(names).toEqual(['Marketplace', 'Upload', 'My assets', 'Account']);
  });

  it('uploads a photograph and follows it to READY', async () => {
    await page.getByRole('link', { name: 'Upload' }).click();
    await page.getByLabel('Files to upload').setInputFiles(file('coffee.png'));
    await page.getByRole('list', { name: 'Timeline' }).getByText('ready', { exact: true }).waitFor();
    await shoot(page, 'upload');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'Open the asset' }).click();
    await page.getByRole('heading', { name: 'coffee.png' }).waitFor();
    assetPath = new URL(page.url()).pathname;
  });

  it('sends a file again that the store could not take at that moment', async () => {
    await using context = await openBrowser('light');
    const own = await context.newPage();
    await signIn(own, gateway, 'author@northlight.test', passwordOf(ground, 'author@northlight.test'));
    let posts = 0;
    await own.route(`${store}/**`, (route) => {
      if (route.request().method() === 'POST') posts += 1;
      const conflict = { status: 409, headers: { 'access-control-allow-origin': new URL(gateway).origin } };
      return posts === 1 ? route.fulfill(conflict) : route.continue();
    });
    await own.getByRole('link', { name: 'Upload' }).click();
    await own.getByLabel('Files to upload').setInputFiles(file('coffee.png'));
    await own.getByRole('list', { name: 'Timeline' }).getByText('ready', { exact: true }).waitFor();
    expect(posts).toBe(2);
  });

  it('shows the watermarked preview, the evidence and the timeline', async () => {
    const preview = page.getByAltText('Preview of coffee.png');
    await preview.waitFor();
    await expect.poll(() => preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
    expect(await page.getByRole('table', { name: 'Evidence' }).getByRole('row').count()).toBeGreaterThanOrEqual(7);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, 'asset');
  });

  it('publishes, and issues a licence whose key is shown once; the buyer downloads with it', async () => {
    await page.getByRole('button', { name: 'Publish to the marketplace' }).click();
    await page.getByText('marketplace ·').waitFor();
    const buyer = await open('buyer@tidepool.test', 'dark');
    await buyer.page.getByRole('link', { name: 'Account' }).click();
    const tenant = (await buyer.page.getByRole('definition').locator('code').textContent()) ?? '';
    await buyer.page.getByRole('link', { name: 'Marketplace' }).click();
    await page.getByLabel('Buyer’s tenant id').fill(tenant);
    await page.getByRole('button', { name: 'Issue' }).click();
    const key = await page.getByRole('status').locator('code').textContent();
    await page.reload();
    await page.getByText('0 of 1 seats').waitFor();
    expect(await page.content()).not.toContain(key);

    await buyer.page.getByRole('link', { name: /coffee\.png/ }).click();
    await buyer.page.getByLabel('Licence key').fill(key ?? '');
    const downloading = buyer.page.waitForEvent('download');
    await buyer.page.getByRole('button', { name: 'Download the original' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('coffee.png');
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(await download.path()).equals(photograph('coffee.png'))).toBe(true);
    expect(await violationsOf(buyer.page)).toEqual([]);
    await buyer.page.goto(gateway);
    await buyer.page.getByText('coffee.png').first().waitFor();
    await shoot(buyer.page, 'marketplace-dark');
    await buyer.context[Symbol.asyncDispose]();
  });

  it('gives the moderator a blurred look, the findings, and release with a reason', async () => {
    const tidepool = await open('author@tidepool.test');
    await tidepool.page.goto(`${gateway}/upload`);
    await tidepool.page.getByLabel('Files to upload').setInputFiles(file('chelsea.png'));
    await tidepool.page
      .getByRole('list', { name: 'Timeline' })
      .getByText('quarantined')
      .first()
      .waitFor()
      .catch(() => undefined);
    const moderator = await open('platform@assay.test');
    await moderator.page.getByRole('link', { name: 'Moderation' }).click();
    const item = moderator.page.getByRole('article').filter({ hasText: 'chelsea.png' }).first();
    await item.getByAltText('Blurred look at chelsea.png').waitFor();
    await expect
      .poll(() =>
        item
          .getByRole('img')
          .first()
          .evaluate((image: HTMLImageElement) => image.naturalWidth),
      )
      .toBeGreaterThan(100);
    expect(await violationsOf(moderator.page)).toEqual([]);
    await shoot(moderator.page, 'moderation');
    const before = await moderator.page.getByRole('article').count();
    await item.getByLabel('Reason, for moderators').fill('A photograph of a cat.');
    await item.getByRole('button', { name: 'Release' }).click();
    await expect.poll(() => moderator.page.getByRole('article').count()).toBe(before - 1);
    await moderator.page.getByRole('status', { name: 'Your verdicts' }).getByText('A photograph of a cat.').waitFor();
    expect(await violationsOf(moderator.page)).toEqual([]);
    await Promise.all([moderator.context[Symbol.asyncDispose](), tidepool.context[Symbol.asyncDispose]()]);
  });

  it('lets the security team read the audit trail once somebody else approved', async () => {
    const security = await open('security@assay.test');
    await security.page.getByRole('link', { name: 'Access' }).click();
    const reason = `A report ${Date.now()}`;
    await security.page.getByLabel('Why do you need to read the audit trail?').fill(reason);
    await security.page.getByRole('button', { name: 'Ask' }).click();
    await security.page.getByText(reason).waitFor();
    const approver = await open('platform@assay.test');
    await approver.page.getByRole('link', { name: 'Access' }).click();
    await approver.page
      .getByRole('listitem')
      .filter({ hasText: reason })
      .getByRole('button', { name: 'Approve' })
      .click();
    await approver.page
      .getByRole('listitem')
      .filter({ hasText: reason })
      .getByText('approved', { exact: true })
      .waitFor();
    await security.page.getByRole('link', { name: 'Audit' }).click();
    await security.page.getByRole('button', { name: 'Read' }).click();
    await security.page.getByRole('table').getByText('download.redeem').first().waitFor();
    expect(await violationsOf(security.page)).toEqual([]);
    await shoot(security.page, 'audit');
    await security.page.getByRole('link', { name: 'Access' }).click();
    const mine = security.page.getByRole('listitem').filter({ hasText: reason });
    await mine.getByRole('button', { name: 'Revoke' }).click();
    await mine.getByText('revoked', { exact: true }).waitFor();
    await security.page.getByRole('link', { name: 'Audit' }).click();
    await security.page.getByRole('button', { name: 'Read' }).click();
    await security.page.getByRole('alert').getByText('FORBIDDEN').waitFor();
    await Promise.all([security.context[Symbol.asyncDispose](), approver.context[Symbol.asyncDispose]()]);
  });

  it('works with the keyboard alone', async () => {
    await page.goto(`${gateway}/`);
    await page.getByRole('heading', { name: 'Marketplace' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page');
    for (let presses = 0; presses < 10; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Account') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await page
      .getByText(/Chrome( Headless)? \d+ on Linux · this machine/)
      .first()
      .waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('opens GraphiQL, signed in, and runs the operation it begins with', async () => {
    const graphiql = await author.newPage();
    await graphiql.goto(`${gateway}/graphiql`);
    // It can run an operation once it has read the schema.
    await graphiql.waitForLoadState('networkidle');
    await graphiql.getByRole('button', { name: /execute/i }).click();
    const answer = graphiql.locator('.graphiql-response');
    // Of a long answer only the lines in view are there.
    await expect.poll(() => answer.textContent(), { timeout: 15_000 }).toContain('"edges"');
    await shoot(graphiql, 'graphiql');
    await graphiql.close();
  });

  it('ends the session at a click, and asks to sign in again', async () => {
    await page.goto(`${gateway}/sessions`);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'This session' })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await page.getByRole('alert').getByRole('link', { name: 'Sign in again' }).waitFor();
    await page.goto(`${gateway}${assetPath}`);
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
  });

  it('left no error in any page', () => {
    expect(problems.filter((problem) => !/401|Failed to load resource/.test(problem))).toEqual([]);
  });
});
