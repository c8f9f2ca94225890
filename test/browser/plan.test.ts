import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { urlsOf } from '../../ops/run/environment.ts';
import { passwordOf } from '../../ops/run/system.ts';
import { sharedGround } from '../ground.ts';
import { readyAsset } from '../scenarios/cast.ts';
import { callerOf } from '../system.ts';
import { openBrowser, signIn } from './browser.ts';

const ground = sharedGround();
const { gateway } = urlsOf(ground);
/** ASSAY_PICTURES=1 renews the pictures of the docs; a test run by itself leaves the tree as it was. */
const discarded = process.env['ASSAY_PICTURES'] ? null : mkdtempSync(join(tmpdir(), 'assay-pictures-'));
const pictures = discarded ?? fileURLToPath(new URL('../../docs/images', import.meta.url));
afterAll(() => discarded && rmSync(discarded, { recursive: true, force: true }));

/** Named as the page's own example, in whose place it is put. */
const QUERY = `query Marketplace {
  me { displayName }
  assets(first: 5) {
    edges { node {
      title
      owner { displayName }
      licenses(first: 1) {
        edges { node { id } }
      }
    } }
  }
}`;

describe('GraphiQL’s panel of plans', () => {
  const runAs = async (page: Page, email: string) => {
    await signIn(page, gateway, email, passwordOf(ground, email));
    // What is typed the editor completes, what is pasted it leaves alone.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${gateway}/graphiql`);
    await page.getByRole('button', { name: 'Show Plan' }).click();
    const panel = page.getByRole('region', { name: 'Plan' });
    await panel.getByText('Run an operation').waitFor();
    await page.waitForLoadState('networkidle');
    await page
      .locator('.graphiql-query-editor .view-lines')
      .first()
      .click({ position: { x: 4, y: 4 } });
    await page.keyboard.press('Control+A');
    await page.evaluate((text) => navigator.clipboard.writeText(text), QUERY);
    await page.keyboard.press('Control+V');
    await page.getByRole('button', { name: /prettify/i }).click();
    await page.getByRole('button', { name: /execute/i }).click();
    await page.locator('.graphiql-response').getByText('"assets"').first().waitFor();
    return panel;
  };

  it('shows an administrator which subgraphs were asked what, in which order, and for how long', async () => {
    await readyAsset(await callerOf(ground, 'author@northlight.test'));
    await using context = await openBrowser();
    const page = await context.newPage();
    const panel = await runAs(page, 'admin@northlight.test');
    await panel.getByText(/The plan was (made|there)/).waitFor();
    await panel.getByText('one after the other').first().waitFor();
    const asked = await panel.getByRole('listitem').locator('summary strong').allTextContents();
    expect([...new Set(asked)].sort()).toEqual(['identity', 'licensing', 'media']);
    expect(await panel.locator('summary').first().textContent()).toMatch(/[\d.]+ ms, from [\d.]+ ms/);
    await panel.getByText('licensing').first().click();
    expect(await panel.locator('details[open] pre').textContent()).toContain(
      '_entities(representations: $representations)',
    );
    await page.screenshot({ path: join(pictures, 'plan.png') });
    const { violations } = await new AxeBuilder({ page }).include('.plan').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    // The plan is in its panel, and the answer as everybody else gets it.
    expect(await page.locator('.graphiql-response').textContent()).not.toContain('extensions');
  });

  it('says to others why there is none', async () => {
    await using context = await openBrowser();
    const page = await context.newPage();
    const panel = await runAs(page, 'author@northlight.test');
    await panel.getByText('the scope plan:read').waitFor();
  });
});
