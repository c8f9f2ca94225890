import { type ChangeEvent, type DragEvent, useRef, useState } from 'react';
import { PageLink } from '../parts/asset-grid.tsx';
import { Problem } from '../parts/feedback.tsx';
import { Timeline } from '../parts/timeline.tsx';
import type { UploadProgress } from '../upload/upload.ts';
import { startUploads, type Upload, useUploads } from '../upload/uploads.ts';

const STEPS: Readonly<Record<UploadProgress['step'], string>> = {
  preparing: 'Preparing',
  sending: 'Sending',
  finalizing: 'Comparing digests',
  sent: 'Sent',
};

/** Takes files by drag and drop or by a button, and follows each until it rests. */
export function UploadPage() {
  const uploads = useUploads();
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    startUploads(event.dataTransfer.files);
  };
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    startUploads(event.target.files ?? []);
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
      {uploads.map((upload) => (
        <UploadItem key={upload.key} upload={upload} />
      ))}
    </>
  );
}

function UploadItem({ upload: { name, progress, error } }: { readonly upload: Upload }) {
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
