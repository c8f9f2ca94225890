import {
  decompressionBomb,
  eicarInJpegTail,
  eicarInZip,
  executable,
  photograph,
  truncatedJpeg,
} from '../../test/fixtures/make.ts';
import type { UploadFile } from './upload.ts';

/** A file of the demo, who uploads it, and where it has to end. */
export interface DemoFile {
  readonly file: UploadFile;
  readonly as: 'northlight' | 'tidepool';
  readonly expected: 'READY' | 'QUARANTINED' | 'REJECTED';
}

/** Real photographs, and what an upload form meets besides. */
export function loadFiles(): readonly DemoFile[] {
  return [
    take('coffee.png', 'image/png', photograph('coffee.png'), 'READY'),
    take('rocket.jpg', 'image/jpeg', photograph('rocket.jpg'), 'READY'),
    take('hubble_deep_field.jpg', 'image/jpeg', photograph('hubble_deep_field.jpg'), 'READY'),
    { ...take('chelsea.png', 'image/png', photograph('chelsea.png'), 'QUARANTINED'), as: 'tidepool' },
    take('invoice.jpg', 'image/jpeg', executable(), 'REJECTED'),
    take('holiday.jpg', 'image/jpeg', eicarInJpegTail(), 'QUARANTINED'),
    take('archive.png', 'image/png', eicarInZip(), 'QUARANTINED'),
    take('half.jpg', 'image/jpeg', truncatedJpeg(), 'REJECTED'),
    take('bomb.png', 'image/png', decompressionBomb(), 'REJECTED'),
  ];
}

function take(name: string, contentType: string, bytes: Buffer, expected: DemoFile['expected']): DemoFile {
  return { file: { name, contentType, bytes }, as: 'northlight', expected };
}
