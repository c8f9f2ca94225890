import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { decompressionBomb, photograph, svgWithScript, truncatedJpeg } from '../../../test/fixtures/make.ts';
import { createClassifier, type NsfwClassifier, observationOf } from '../src/adapters/classifier/classifier.ts';
import { walls } from '../src/adapters/sandbox/cell.ts';
import { createSandbox } from '../src/adapters/sandbox/sandbox.ts';
import type { Sandbox, SandboxCell } from '../src/intake/ports.ts';
import { streamOf } from './bytes.ts';
import expectedScores from './scores.fixture.json' with { type: 'json' };

const MAX_PIXELS = 100_000_000;

/** A cell that has the file. */
async function cellWith(sandbox: Sandbox, bytes: Uint8Array): Promise<SandboxCell> {
  const cell = sandbox.take();
  for await (const chunk of streamOf(bytes)) await cell.feed(chunk);
  await cell.feed(new Uint8Array());
  return cell;
}

/** Inspects one file in a cell of its own. */
async function inspect(sandbox: Sandbox, bytes: Uint8Array, mimeType = 'image/png') {
  using cell = await cellWith(sandbox, bytes);
  return await cell.inspect(mimeType, MAX_PIXELS);
}
const PHOTOGRAPHS = ['coffee.png', 'hubble_deep_field.jpg', 'rocket.jpg', 'chelsea.png'] as const;

describe('the sandbox', () => {
  let sandbox: Sandbox & AsyncDisposable;
  beforeAll(() => {
    sandbox = createSandbox({ timeoutMs: 20_000, spare: 1 });
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  it('decodes a photograph', async () => {
    const { observation, picture } = await inspect(sandbox, photograph('coffee.png'));
    expect(observation.verdict).toBe('PASS');
    expect(picture).toMatchObject({ width: 600, height: 400 });
    expect(picture?.pixels).toHaveLength(224 * 224 * 3);
  });

  it.each([
    ['a bomb', decompressionBomb(), 'TOO_MANY_PIXELS'],
    ['half a photograph', truncatedJpeg(), 'UNDECODABLE'],
    ['an SVG, whose decoder is blocked', svgWithScript(), 'UNDECODABLE'],
  ])('refuses %s', async (_what, bytes, code) => {
    const { observation, picture } = await inspect(sandbox, bytes);
    expect(observation).toMatchObject({ verdict: 'FAIL', findings: [{ code }] });
    expect(picture).toBeNull();
  });

  it('renders three sizes without any metadata, and with a mark that shows', async () => {
    const original = await sharp(photograph('rocket.jpg'))
      .withMetadata({ exif: { IFD0: { Artist: 'secret' } } })
      .jpeg()
      .toBuffer();
    using cell = await cellWith(sandbox, original);
    const renditions = await cell.render('image/jpeg', MAX_PIXELS, 'ASSAY PREVIEW');
    expect(renditions.map(({ name }) => name)).toEqual(['preview-256.jpg', 'preview-640.jpg', 'preview-1280.jpg']);
    for (const { bytes } of renditions) {
      const { exif, icc, xmp } = await sharp(bytes).metadata();
      expect([exif, icc, xmp]).toEqual([undefined, undefined, undefined]);
    }
    const [, marked] = renditions;
    const [a, b] = await Promise.all(
      [original, marked?.bytes ?? Buffer.alloc(0)].map((bytes) =>
        sharp(bytes).resize(640, 427, { fit: 'fill' }).greyscale().raw().toBuffer(),
      ),
    );
    const changed = (a ?? Buffer.alloc(0)).filter((value, index) => Math.abs(value - (b?.[index] ?? 0)) > 25).length;
    expect(changed).toBeGreaterThan(2_000);
  });

  it.each(['jpeg', 'png', 'webp'] as const)(
    'takes a %s of 100 megapixels',
    async (format) => {
      const background = { r: 120, g: 30, b: 200, alpha: 0.5 };
      const picture = sharp({ create: { width: 10_000, height: 10_000, channels: 4, background } });
      using cell = await cellWith(sandbox, await picture.toFormat(format, { effort: 1 }).toBuffer());
      const { observation, picture: seen } = await cell.inspect(`image/${format}`, MAX_PIXELS);
      expect(observation).toMatchObject({ verdict: 'PASS', findings: [] });
      expect(seen).toMatchObject({ width: 10_000, height: 10_000 });
      expect(await cell.render(`image/${format}`, MAX_PIXELS, 'ASSAY PREVIEW')).toHaveLength(3);
    },
    60_000,
  );

  it('renders what it inspected, and nothing after its end', async () => {
    using cell = await cellWith(sandbox, photograph('rocket.jpg'));
    const render = () => cell.render('image/jpeg', MAX_PIXELS, 'ASSAY PREVIEW');
    expect((await cell.inspect('image/jpeg', MAX_PIXELS)).observation.verdict).toBe('PASS');
    expect(await render()).toHaveLength(3);
    cell[Symbol.dispose]();
    await expect(render()).rejects.toThrow();
  });

  it('is asked nothing of a file that did not come whole', async () => {
    using cell = sandbox.take();
    await cell.feed(photograph('rocket.jpg').subarray(0, 10_000));
    await expect(cell.inspect('image/jpeg', MAX_PIXELS)).rejects.toThrow('no whole file');
  });

  it('ends a child that takes too long, and serves the next file', async () => {
    const hasty = createSandbox({ timeoutMs: 1, spare: 0 });
    await expect(inspect(hasty, photograph('coffee.png'))).rejects.toThrow();
    expect((await inspect(sandbox, photograph('coffee.png'))).observation.verdict).toBe('PASS');
  });

  it('says nothing of a file that broke off', () => {
    const half = photograph('coffee.png').subarray(0, 100_000);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(half.length);
    const line = (said: object) => Buffer.from(`${JSON.stringify(said)}\n`);
    const question = line({ operation: 'inspect', mimeType: 'image/png', maxPixels: MAX_PIXELS, label: '' });
    const say = (...input: readonly Uint8Array[]) => {
      const whole = Buffer.concat([line({ operation: 'read' }), ...input]);
      return spawnSync('/usr/bin/bwrap', walls(), { env: {}, input: whole }).stdout;
    };
    expect(say(length, half)).toHaveLength(1);
    expect(say(question)).toHaveLength(1);
    expect(say(length, half, Buffer.alloc(4), question).toString()).toContain('"ok":false');
  });

  describe('from inside', () => {
    /** Runs a script of an attacker in the same walls. */
    const inside = (script: string) => {
      const args = walls();
      args.splice(args.indexOf('/app/node') + (args.lastIndexOf('/app/node') - args.indexOf('/app/node')) + 1);
      const { stdout, stderr, status } = spawnSync('/usr/bin/bwrap', [...args, '-e', script], {
        env: { SECRET: 'hunter2' },
        encoding: 'utf8',
        timeout: 20_000,
      });
      return { out: stdout.trim(), stderr, status };
    };

    it('runs at all', () => {
      expect(inside('console.log(6 * 7)').out).toBe('42');
    });

    it('reaches no network, not even this machine', async () => {
      const server = createServer((_, answer) => answer.end('reached')).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const { out } = inside(
        `fetch('http://127.0.0.1:${port}').then((a) => a.text()).then(console.log, (e) => console.log('no:', e.cause.code))`,
      );
      server.close();
      expect(out).toMatch(/^no: (ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL)/);
    });

    it('sees no environment, no credential, no other process and no file but its libraries', () => {
      const folder = mkdtempSync(join(tmpdir(), 'assay-secret-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const secret = join(folder, 'key');
      writeFileSync(secret, 'hunter2');
      const paths = JSON.stringify([
        secret,
        '/etc/passwd',
        '/etc/shadow',
        '/root',
        '/home',
        '/proc/1/environ',
        '/tmp',
        process.cwd(),
      ]);
      const { out } = inside(
        `console.log(JSON.stringify({ env: process.env, open: ${paths}.filter((p) => require('fs').existsSync(p)), uid: process.getuid(), root: require('fs').readdirSync('/') }))`,
      );
      expect(JSON.parse(out)).toEqual({
        env: { PWD: '/app', VIPS_DISC_THRESHOLD: '4g' },
        open: [],
        uid: 65534,
        root: ['app', 'dev', 'lib', 'lib64', 'usr'],
      });
    });

    it('writes nowhere and gets no rights back', () => {
      const { out } = inside(
        `for (const p of ['/x', '/app/x', '/usr/lib/x', '/dev/x']) try { require('fs').writeFileSync(p, 'x'); console.log('wrote', p) } catch (e) { console.log(e.code) } try { process.setuid(0); console.log('root') } catch (e) { console.log(e.code) }`,
      );
      expect(out).not.toMatch(/wrote|root/);
    });
  });
});

describe('the classifier', () => {
  let sandbox: Sandbox & AsyncDisposable;
  let classifier: NsfwClassifier;
  beforeAll(() => {
    sandbox = createSandbox({ timeoutMs: 20_000, spare: 1 });
    classifier = createClassifier(30_000);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await classifier[Symbol.asyncDispose]();
  });

  it.each(PHOTOGRAPHS)(
    'scores %s as the model does',
    async (name) => {
      const { picture } = await inspect(sandbox, photograph(name));
      const scores = await classifier.score(picture?.pixels ?? new Uint8Array());
      for (const [label, score] of Object.entries(expectedScores[name]))
        expect(Math.abs((scores[label] ?? 0) - score)).toBeLessThan(1e-3);
    },
    60_000,
  );

  it('fails what reaches a limit of the policy, and only that', () => {
    const limits = [{ label: 'drawing', classes: ['Drawing'], limit: 0.6 }];
    expect(observationOf(expectedScores['rocket.jpg'], limits).verdict).toBe('PASS');
    expect(observationOf(expectedScores['chelsea.png'], limits)).toMatchObject({
      verdict: 'FAIL',
      findings: [{ code: 'CLASS', detail: 'drawing' }],
    });
  });

  it('does not take nonsense for scores', () => {
    expect(() => observationOf({ Neutral: Number.NaN }, [])).toThrow();
    expect(() => observationOf({}, [])).toThrow();
  });
});
