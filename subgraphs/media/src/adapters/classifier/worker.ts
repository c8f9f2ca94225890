// The classifier's own thread: the model is loaded once, and a picture takes some tens of milliseconds that nobody else waits for.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load } from 'nsfwjs';

const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
await tf.ready();
const model = await load('MobileNetV2Mid');

const port = parentPort;
if (!port) throw new Error('This file is a worker thread.');
port.on('message', ({ id, pixels }: { id: number; pixels: Uint8Array }) => {
  void classify(pixels).then(
    (scores) => port.postMessage({ id, scores }),
    (error: unknown) => port.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
port.postMessage({ ready: true });

async function classify(pixels: Uint8Array): Promise<Record<string, number>> {
  const image = tf.tensor3d(pixels, [224, 224, 3], 'int32');
  try {
    const classes = await model.classify(image);
    return Object.fromEntries(classes.map(({ className, probability }) => [className, probability]));
  } finally {
    image.dispose();
  }
}
