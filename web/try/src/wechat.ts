// The WeChat phone: follow the account, write, tap, send a picture.

import { h, icon } from '../../widget/src/dom';
import { smaller } from '../../widget/src/photos';
import { Phone } from './phone';
import type { Happened, Server } from './server';

export class WeChatPhone extends Phone {
  private readonly pictures: string[] = [];
  private readonly hint: HTMLElement;

  constructor(server: Server, failed: () => void) {
    const say = (said: Parameters<Server['say']>[1]) => void server.say('wechat', said).then((ok) => ok || failed());
    const skin = { name: 'wechat', label: '微信公众号', title: '12345 热线', placeholder: '发消息' };
    const image = (event: Happened): string | null => {
      if (event.media) return `/try/api/media/${encodeURIComponent(event.media)}`;
      return event.image ? (this.pictures.shift() ?? null) : null;
    };
    super(skin, (text) => say({ text }), (choice) => say({ choice }), image);
    const picker = h('input', { type: 'file', accept: 'image/jpeg,image/png,image/webp', class: 'hidden', 'aria-label': '选照片' });
    picker.addEventListener('change', () => void this.picked(picker, (data) => say({ image: data })));
    const photo = h('button', { type: 'button', class: 'icon', 'aria-label': '发照片', title: '发照片', on: { click: () => picker.click() } }, icon('photo'));
    this.tools.append(photo, picker);
    const follow = h('button', { type: 'button', on: { click: () => say({ event: 'subscribe' }) } }, '关注公众号');
    this.hint = h('div', { class: 'empty' }, h('p', {}, '您还没有关注这个公众号'), follow);
    this.log.append(this.hint);
  }

  override clear(): void {
    super.clear();
    this.log.append(this.hint);
  }

  override heard(event: Happened): void {
    this.hint.remove();
    super.heard(event);
  }

  private async picked(picker: HTMLInputElement, send: (data: string) => void): Promise<void> {
    const file = picker.files?.[0];
    picker.value = '';
    if (!file) return;
    const url = await dataUrl(await smaller(file));
    this.pictures.push(url);
    send(url.slice(url.indexOf(',') + 1));
  }
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}
