// Photos on their way up: made smaller on the device first, since phones take 12 MB pictures and pay for data.

import type { Upload } from './protocol';

const LONGEST_SIDE = 2000;
const SMALL_ENOUGH = 900_000;
export const MAX_FILE = 10 * 1024 * 1024;

export type Failure = 'photoWrong' | 'photoLarge' | 'photoFailed';

export class UploadError extends Error {
  constructor(readonly reason: Failure) {
    super(reason);
  }
}

/** The picture at no more than 2,000 pixels; the original where the browser cannot or need not. */
export async function smaller(file: File): Promise<Blob> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL_ENOUGH) return file;
  const image = await decoded(file);
  if (!image) return file;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
  return blob && blob.size < file.size ? blob : file;
}

function decoded(file: File): Promise<HTMLImageElement | null> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  return new Promise<HTMLImageElement | null>((done) => {
    image.onload = () => done(image);
    image.onerror = () => done(null);
    image.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}

/** XMLHttpRequest, because fetch cannot tell how far an upload has come. */
export function upload(
  host: string,
  token: string,
  blob: Blob,
  name: string,
  progress: (percent: number) => void,
): Promise<Upload> {
  const body = new FormData();
  body.append('file', blob, name);
  const request = new XMLHttpRequest();
  request.open('POST', `${host}/channels/web/upload`);
  request.setRequestHeader('Authorization', `Bearer ${token}`);
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) progress(Math.floor((event.loaded / event.total) * 99));
  };
  return new Promise((done, failed) => {
    request.onload = () => {
      if (request.status === 201) done(JSON.parse(request.responseText) as Upload);
      else failed(new UploadError(reason(request.status)));
    };
    request.onerror = () => failed(new UploadError('photoFailed'));
    request.send(body);
  });
}

function reason(status: number): Failure {
  if (status === 413) return 'photoLarge';
  return status === 415 ? 'photoWrong' : 'photoFailed';
}

/** Files come with the token in a header, so pictures are fetched and shown as object URLs. */
export class Gallery {
  private readonly urls = new Map<string, Promise<string>>();

  constructor(
    private readonly host: string,
    private readonly token: () => string | null,
  ) {}

  /** What was just sent need not be fetched again. */
  keep(id: string, blob: Blob): void {
    this.urls.set(id, Promise.resolve(URL.createObjectURL(blob)));
  }

  url(id: string): Promise<string> {
    let url = this.urls.get(id);
    if (!url) {
      url = this.load(id);
      this.urls.set(id, url);
      url.catch(() => this.urls.delete(id));
    }
    return url;
  }

  private async load(id: string): Promise<string> {
    const headers = { Authorization: `Bearer ${this.token() ?? ''}` };
    const answer = await fetch(`${this.host}/channels/web/files/${id}`, { headers });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return URL.createObjectURL(await answer.blob());
  }

  clear(): void {
    for (const url of this.urls.values()) url.then((u) => URL.revokeObjectURL(u)).catch(() => undefined);
    this.urls.clear();
  }
}
