import { type ChangeEvent, type DragEvent, useRef, useState } from 'react';
import { PageLink } from '../parts/asset-grid.tsx';
import { Problem } from '../parts/feedback.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { type UploadProgress, uploadFile } from '../upload/upload.ts';

interface Item {
  readonly key: number;
  readonly name: string;
  readonly progress: UploadProgress;
  readonly error: unknown;
}

const STEPS: Readonly<Record<UploadProgress['step'], string>> = {
  preparing: 'Preparing',
  sending: 'Sending',
  finalizing: 'Comparing digests',
  sent: 'Sent',
};

let nextKey = 0;

/** Takes files by drag and drop or by a button, and follows each until it rests. */
export function UploadPage() {
  const [items, setItems] = useState<readonly Item[]>([]);
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const change = (key: number, part: Partial<Item>) =>
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const take = (files: FileList | null) => {
    for (const file of files ?? []) {
      nextKey += 1;
      const key = nextKey;
      setItems((before) => [
        { key, name: file.name, progress: { step: 'preparing', percent: 0, assetId: null }, error: null },
        ...before,
      ]);
      uploadFile(file, (progress) => change(key, { progress })).catch((error: unknown) => change(key, { error }));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    take(event.target.files);
    event.target.value = '';
  };

  return (
    <>
      <h1>Upload</h1>
      <section
        className={isOver ? 'drop over' : 'drop'}
        aria-label="Drop files here"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>Drop pictures here, or</p>
        <button type="button" className="primary" onClick={() => input.current?.click()}>
          Choose files
        </button>
        <input
          ref={input}
          type="file"
          multiple
          accept="image/jpeg,image/png,image/webp"
          onChange={choose}
          hidden
          aria-label="Files to upload"
        />
        <p className="quiet">
          JPEG, PNG or WebP, up to 50 MB and 100 megapixels. Nobody sees a file before it was scanned and classified.
        </p>
      </section>
      {items.map((item) => (
        <UploadItem key={item.key} item={item} />
      ))}
    </>
  );
}

function UploadItem({ item: { name, progress, error } }: { readonly item: Item }) {
  return (
    <article className="panel">
      <h2>{name}</h2>
      {error ? <Problem error={error} /> : null}
      {!error && progress.step !== 'sent' ? (
        <label className="progress">
          {STEPS[progress.step]} <progress max={100} value={progress.percent} /> {progress.percent} %
        </label>
      ) : null}
      {!error && progress.step === 'sent' && progress.assetId ? (
        <>
          <Timeline assetId={progress.assetId} />
          <PageLink to={`/assets/${progress.assetId}`}>Open the asset</PageLink>
        </>
      ) : null}
    </article>
  );
}
