import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { urlsOf } from '../../ops/run/environment.ts';
import { passwordOf } from '../../ops/run/system.ts';
import { photograph } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { type Cast, castOf, openUpload, publish, readyAsset } from '../scenarios/cast.ts';
import { openBrowser, signIn } from './browser.ts';

const ground = sharedGround();
const { gateway } = urlsOf(ground);
const LONG = 'a_title_without_a_single_space_that_is_longer_than_any_telephone_is_wide.jpg';

type Opened = BrowserContext & AsyncDisposable;

async function open(email: string): Promise<{ context: Opened; page: Page }> {
  const context = await openBrowser('light');
  const page = await context.newPage();
  await signIn(page, gateway, email, passwordOf(ground, email));
  return { context, page };
}

const nameIn = (page: Page) => page.locator('header .account a').textContent();

describe('the console, in two tabs', () => {
  it('says who is signed in now, and what one asks for is asked as that person', async () => {
    const { context, page } = await open('author@northlight.test');
    await using _closed = context;
    const other = await context.newPage();
    await other.goto(gateway);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('link', { name: 'Sign in' }).first().waitFor();
    await page.getByRole('link', { name: 'My assets' }).click();
    await page.getByText('You were signed out, in another tab').waitFor();
    await page.getByRole('heading', { name: 'Sign in first' }).waitFor();

    await signIn(other, gateway, 'reviewer@northlight.test', passwordOf(ground, 'reviewer@northlight.test'));
    await page.getByRole('link', { name: 'Marketplace' }).click();
    await expect.poll(() => nameIn(page)).toBe(await nameIn(other));
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('This session').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe('the console, for many assets', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await castOf(ground);
    for (let count = 0; count < 30; count += 1)
      await openUpload(cast.reviewer, {
        name: `many-${count}.png`,
        contentType: 'image/png',
        bytes: photograph('coffee.png'),
      });
  });

  it('shows one’s twenty-fifth, and says how many it shows', async () => {
    const { context, page } = await open('reviewer@northlight.test');
    await using _closed = context;
    await page.getByRole('link', { name: 'My assets' }).click();
    await page.getByText('24 assets shown, and there are more').waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await expect.poll(() => page.locator('.grid > li').count()).toBeGreaterThanOrEqual(30);
  });

  it('shows the tenant’s administrator what his people uploaded, and asks him for a key like everybody', async () => {
    const id = await readyAsset(cast.author);
    const { context, page } = await open('admin@northlight.test');
    await using _closed = context;
    await page.getByRole('link', { name: 'Tenant’s assets' }).click();
    await page.locator(`a[href="/assets/${id}"]`).click();
    await page.getByRole('button', { name: 'Publish to the marketplace' }).waitFor();
    await page.getByLabel('Licence key').waitFor();
  });
});

describe('the audit page', () => {
  it('reads when it is told to, and not at each key', async () => {
    const { context, page } = await open('security@assay.test');
    await using _closed = context;
    let asked = 0;
    page.on('request', (request) => {
      if (request.postData()?.includes('"filter"')) asked += 1;
    });
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Action, or nothing for all').fill('asset.moderate');
    await page.getByText('Each reading is an entry of the trail itself.').waitFor();
    expect([asked, await page.getByText('No entry.').count()]).toEqual([0, 0]);
    await page.keyboard.press('Enter');
    await expect.poll(() => asked).toBe(1);
  });
});

describe('the console, by keyboard and on a telephone', () => {
  let author: { context: Opened; page: Page };
  let assetId: string;
  beforeAll(async () => {
    const cast = await castOf(ground);
    assetId = await readyAsset(cast.author, { name: LONG, contentType: 'image/jpeg', bytes: photograph('rocket.jpg') });
    await publish(cast.author, assetId, 'MARKETPLACE');
    author = await open('author@northlight.test');
  });
  afterAll(() => author.context[Symbol.asyncDispose]());

  /** Presses Tab until what is named has the focus. */
  const tabTo = async (page: Page, role: 'button' | 'link' | 'textbox', name: string) => {
    const wanted = page.getByRole(role, { name }).first();
    await wanted.waitFor();
    for (let presses = 0; presses < 60; presses += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} cannot be reached by Tab.`);
  };

  it('uploads, and still shows it after a look at another page', async () => {
    const { page } = author;
    // From the beginning: the browser has to be told to hand its dialog over before the key opens it.
    const chosen = page.waitForEvent('filechooser');
    await tabTo(page, 'link', 'Upload');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Choose files');
    await page.keyboard.press('Enter');
    await (await chosen).setFiles({ name: 'coffee.png', mimeType: 'image/png', buffer: photograph('coffee.png') });
    await page.getByRole('heading', { name: 'coffee.png' }).waitFor();
    await tabTo(page, 'link', 'Account');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await tabTo(page, 'link', 'Upload');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Timeline' }).getByText('ready', { exact: true }).waitFor();
  });

  it('issues a licence', async () => {
    const { page } = author;
    await page.goto(`${gateway}/sessions`);
    const tenant = (await page.getByRole('definition').locator('code').textContent()) ?? '';
    await page.goto(`${gateway}/assets/${assetId}`);
    await tabTo(page, 'textbox', 'Buyer’s tenant id');
    await page.keyboard.type(tenant);
    await page.keyboard.press('Enter');
    await page.getByText('The key, shown this once').waitFor();
  });

  it('rejects with a reason, approves a request for access and takes it back', async () => {
    const cast = await castOf(ground);
    const title = `drawing-${Date.now()}`;
    const { followToRest } = await import('../../ops/demo/follow.ts');
    const { upload } = await import('../../ops/demo/upload.ts');
    const id = await upload(cast.stranger, {
      name: `${title}.png`,
      contentType: 'image/png',
      bytes: photograph('chelsea.png'),
    });
    expect(await followToRest(cast.stranger, id, () => undefined)).toBe('QUARANTINED');
    const reason = `An incident, ${title}.`;
    await cast.security.ask(
      `mutation { requestPrivilegedAccess(input: { scope: AUDIT_READ, reason: "${reason}", minutes: 5 }) { request { id } } }`,
    );
    const { context, page } = await open('platform@assay.test');
    await using _closed = context;
    await tabTo(page, 'link', 'Moderation');
    await page.keyboard.press('Enter');
    const item = page.getByRole('article').filter({ hasText: title });
    await item.getByLabel('Reason, for moderators').focus();
    await page.keyboard.type('Not for sale.');
    for (let presses = 0; presses < 3; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Reject') break;
    }
    await page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
    await page.goto(`${gateway}/access`);
    const request = page.getByRole('listitem').filter({ hasText: reason });
    await request.getByRole('button', { name: 'Approve' }).focus();
    await page.keyboard.press('Enter');
    await request.getByText('approved').waitFor();
    await request.getByRole('button', { name: 'Revoke' }).focus();
    await page.keyboard.press('Enter');
    await request.getByText('revoked').waitFor();
  });

  it.each(['light', 'dark'] as const)('fits into 360 pixels, %s', async (scheme) => {
    const { page } = author;
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: scheme });
    const wide: string[] = [];
    for (const path of ['/', '/upload', '/assets', '/sessions', `/assets/${assetId}`]) {
      await page.goto(`${gateway}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.getByText(/^Loading /).count()).toBe(0);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 360) wide.push(`${path} is ${width} wide`);
    }
    expect(wide).toEqual([]);
  });
});
