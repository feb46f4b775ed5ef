// Where the citizen writes, adds photos and sends.

import { h, icon } from './dom';
import { MAX_FILE, UploadError, smaller, upload, type Failure, type Gallery } from './photos';
import { MAX_TEXT, type Language, type Upload } from './protocol';
import { words } from './words';

const MAX_PHOTOS = 9;

interface Photo {
  file: File;
  element: HTMLElement;
  bar: HTMLElement;
  done?: Upload;
  failed?: Failure;
}

export interface ComposerActions {
  send(text: string, files: Upload[]): void;
  typing(): void;
  place(): void;
  say(hint: string): void;
  token(): string | null;
}

export class Composer {
  readonly element: HTMLElement;
  private readonly input: HTMLTextAreaElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly picker: HTMLInputElement;
  private readonly strip: HTMLElement;
  private readonly hint: HTMLElement;
  private readonly labelled: [HTMLElement, 'photo' | 'place' | 'send'][] = [];
  private photos: Photo[] = [];
  private language: Language = 'zh';

  constructor(
    private readonly host: string,
    private readonly gallery: Gallery,
    private readonly actions: ComposerActions,
  ) {
    this.input = h('textarea', { rows: 1, maxlength: MAX_TEXT, enterkeyhint: 'send', autocomplete: 'off' });
    this.input.addEventListener('input', () => this.changed(true));
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('paste', (event) => this.paste(event));
    const accept = 'image/jpeg,image/png,image/webp,image/gif,application/pdf';
    this.picker = h('input', { type: 'file', accept, multiple: true, hidden: true });
    this.picker.addEventListener('change', () => this.picked());
    this.strip = h('div', { class: 'strip' });
    this.hint = h('div', { class: 'count', 'aria-live': 'polite' });
    const photo = this.button('photo', () => this.picker.click());
    const place = this.button('place', () => this.actions.place());
    if (!('geolocation' in navigator) || !window.isSecureContext) place.hidden = true;
    this.sendButton = this.button('send', () => this.submit());
    this.element = h(
      'div',
      { class: 'composer' },
      this.strip,
      this.hint,
      h('div', { class: 'write' }, photo, place, this.input, this.sendButton, this.picker),
    );
  }

  draw(language: Language): void {
    this.language = language;
    const say = words[language];
    this.input.placeholder = say.write;
    this.input.setAttribute('aria-label', say.writeLabel);
    for (const [button, name] of this.labelled) {
      button.setAttribute('aria-label', say[name]);
      button.title = say[name];
      button.lastElementChild?.replaceChildren(say[name]);
    }
    this.changed(false);
  }

  focus(): void {
    this.input.focus();
  }

  clear(): void {
    this.input.value = '';
    for (const photo of this.photos) photo.element.remove();
    this.photos = [];
    this.changed(false);
  }

  private button(name: 'photo' | 'place' | 'send', click: () => void): HTMLButtonElement {
    const button = h('button', { type: 'button', class: name === 'send' ? 'send' : 'tool', on: { click } }, icon(name));
    button.append(h('span', { class: 'word' }));
    this.labelled.push([button, name]);
    return button;
  }

  private get ready(): boolean {
    const uploading = this.photos.some((photo) => !photo.done);
    return !uploading && (this.input.value.trim() !== '' || this.photos.length > 0);
  }

  private changed(byHand: boolean): void {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 160)}px`;
    this.sendButton.setAttribute('aria-disabled', String(!this.ready));
    const left = MAX_TEXT - this.input.value.length;
    this.hint.textContent = left < 300 ? words[this.language].tooLong(left) : '';
    if (byHand && this.input.value) this.actions.typing();
  }

  private key(event: KeyboardEvent): void {
    const composing = event.isComposing || event.keyCode === 229; // Enter ends a pinyin word first
    if (event.key !== 'Enter' || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  private submit(): void {
    if (!this.ready) return this.input.focus();
    const files = this.photos.flatMap((photo) => photo.done ?? []);
    const text = this.input.value;
    this.clear();
    this.actions.send(text, files);
    this.input.focus();
  }

  private paste(event: ClipboardEvent): void {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (!files.length) return;
    event.preventDefault();
    files.forEach((file) => this.add(file));
  }

  private picked(): void {
    Array.from(this.picker.files ?? []).forEach((file) => this.add(file));
    this.picker.value = '';
    this.input.focus();
  }

  private add(file: File): void {
    const say = words[this.language];
    if (this.photos.length >= MAX_PHOTOS) return this.actions.say(say.photoMany);
    if (!/^(image\/|application\/pdf)/.test(file.type) || file.type.includes('svg')) return this.actions.say(say.photoWrong);
    const bar = h('span', { class: 'bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 });
    const state = h('button', { type: 'button', class: 'state' });
    const remove = h('button', { type: 'button', class: 'remove', 'aria-label': say.removePhoto }, icon('close'));
    const element = h('div', { class: 'thumb' }, state, bar, remove);
    const photo: Photo = { file, element, bar };
    remove.addEventListener('click', () => this.remove(photo));
    state.addEventListener('click', () => photo.failed && void this.send(photo));
    if (file.type.startsWith('image/')) {
      const image = h('img', { alt: '', src: URL.createObjectURL(file) });
      state.append(image);
    } else state.append(icon('file'));
    this.photos.push(photo);
    this.strip.append(element);
    void this.send(photo);
  }

  private remove(photo: Photo): void {
    photo.element.remove();
    this.photos = this.photos.filter((other) => other !== photo);
    this.changed(false);
    this.input.focus();
  }

  private async send(photo: Photo): Promise<void> {
    photo.failed = undefined;
    this.progress(photo, 0);
    try {
      const blob = await smaller(photo.file);
      if (blob.size > MAX_FILE) throw new UploadError('photoLarge');
      const token = this.actions.token();
      if (!token) throw new UploadError('photoFailed');
      photo.done = await upload(this.host, token, blob, photo.file.name, (percent) => this.progress(photo, percent));
      this.gallery.keep(photo.done.id, blob);
      this.progress(photo, 100);
    } catch (problem) {
      photo.failed = problem instanceof UploadError ? problem.reason : 'photoFailed';
      this.progress(photo, 0);
      this.actions.say(words[this.language][photo.failed]);
    }
  }

  private progress(photo: Photo, percent: number): void {
    const say = words[this.language];
    const { element, bar, failed } = photo;
    element.className = `thumb${failed ? ' failed' : photo.done ? ' done' : ''}`;
    bar.style.width = `${percent}%`;
    bar.setAttribute('aria-valuenow', String(percent));
    const text = failed ? say.photoFailed : photo.done ? say.photoDone : say.photoBusy(percent);
    bar.setAttribute('aria-label', text);
    element.querySelector('.state')?.setAttribute('aria-label', text);
    this.changed(false);
  }
}
