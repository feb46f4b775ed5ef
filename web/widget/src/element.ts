// <lianxin-chat>: the chat as an element. It floats over a page, or fills the window (mode="page")
// or the box it is put into (mode="box").

import { Chat } from './chat';
import { h, icon, trap } from './dom';
import { Composer } from './composer';
import { Header, emergency, privacyCard } from './header';
import { Log } from './log';
import { Gallery } from './photos';
import { locate } from './place';
import type { Choice, Language, Line, Media } from './protocol';
import { ask, show } from './sheet';
import { Storage } from './storage';
import css from './style.css?inline';
import { Translated } from './translated';
import { words, type Words } from './words';

export class LianxinChat extends HTMLElement {
  private chat!: Chat;
  private storage!: Storage;
  private gallery!: Gallery;
  private log!: Log;
  private composer!: Composer;
  private root!: HTMLElement;
  private panel!: HTMLElement;
  private launcher: HTMLButtonElement | null = null;
  private readonly parts: Record<string, HTMLElement> = {};
  private readonly translated = new Translated();
  private head!: Header;
  private language: Language = 'zh';
  private opened = false;
  private toastTimer = 0;
  private built = false;
  private readonly dark = matchMedia('(prefers-color-scheme: dark)');
  private readonly look = () => this.dress();
  private readonly fit = () => this.measure();

  connectedCallback(): void {
    if (!this.built) this.build();
    this.built = true;
    this.dark.addEventListener('change', this.look);
    document.addEventListener('visibilitychange', this.look);
    window.visualViewport?.addEventListener('resize', this.fit);
    if (this.filling || this.hasAttribute('open')) this.open();
    else if (this.chat.outbox.length) this.chat.start();
  }

  disconnectedCallback(): void {
    this.dark.removeEventListener('change', this.look);
    document.removeEventListener('visibilitychange', this.look);
    window.visualViewport?.removeEventListener('resize', this.fit);
    this.chat.stop();
  }

  /** For the page around: say this as if the citizen had typed it. */
  say(text: string): void {
    this.open();
    this.chat.say(text);
    this.log.toEnd();
  }

  /** A new conversation; nothing of the old one stays on this device. */
  restart(): void {
    this.composer.clear();
    this.gallery.clear();
    this.chat.forget();
  }

  open(): void {
    this.opened = this.chat.visible = true;
    this.chat.start();
    this.draw(null);
    this.toEnd();
    this.chat.seen();
    if (!this.filling) this.composer.focus();
  }

  close(): void {
    if (this.filling) return;
    this.opened = this.chat.visible = false;
    this.draw(null);
    this.launcher?.focus();
  }

  private get filling(): boolean {
    return this.getAttribute('mode') === 'page' || this.getAttribute('mode') === 'box';
  }

  private build(): void {
    const host = (this.getAttribute('host') ?? location.origin).replace(/\/$/, '');
    this.storage = new Storage(host);
    this.adopt();
    const asked = this.getAttribute('language') === 'en' ? 'en' : 'zh';
    this.language = this.storage.value.language ?? asked;
    const trace = (direction: string, frame: unknown) => {
      if (this.hasAttribute('trace')) this.dispatchEvent(new CustomEvent('frame', { detail: { direction, frame } }));
    };
    this.chat = new Chat(host, this.storage, this.language, (news) => this.draw(news), trace);
    this.gallery = new Gallery(host, () => this.storage.value.token);
    this.log = new Log(this.chat, this.gallery, {
      choose: (choice) => this.choose(choice),
      enlarge: (media) => this.enlarge(media),
    });
    this.composer = new Composer(host, this.gallery, {
      send: (text, files) => this.send(text, { files }),
      typing: () => this.chat.typing(),
      place: () => void this.place(),
      say: (hint) => this.toast(hint),
      token: () => this.storage.value.token,
    });
    this.lay();
  }

  /** A link in an SMS carries the token; it goes into the store and out of the address bar at once. */
  private adopt(): void {
    const url = new URL(location.href);
    const token = this.filling ? url.searchParams.get('c') : null;
    if (!token) return;
    this.storage.set({ token, acked: 0 });
    url.searchParams.delete('c');
    history.replaceState(history.state, '', url);
  }

  private lay(): void {
    const shadow = this.attachShadow({ mode: 'open' });
    style(shadow);
    this.head = this.header();
    this.parts.bar = h('div', { class: 'bar-line', role: 'status' });
    const above = [this.head.element, this.parts.bar, emergency(this.translated)];
    this.panel = h('section', { class: 'panel' }, ...above, this.log.element);
    const latest = h('button', { type: 'button', class: 'latest', hidden: true }, icon('down'), this.translated.word('latest'));
    latest.addEventListener('click', () => this.log.toEnd(true));
    this.log.element.addEventListener('scroll', () => (latest.hidden = latest.hidden || this.log.atEnd), { passive: true });
    this.parts.latest = latest;
    this.parts.toast = h('div', { class: 'toast', role: 'status' });
    this.panel.append(latest, this.parts.toast, this.composer.element);
    this.panel.addEventListener('keydown', (event) => this.key(event));
    this.root = h('div', { class: 'root' }, this.panel);
    if (!this.filling) this.root.prepend(this.button());
    this.parts.card = privacyCard(this.translated, () => this.agree());
    shadow.append(this.root);
    this.draw(null);
  }

  private button(): HTMLElement {
    this.launcher = h('button', { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog' }, icon('heart'));
    this.launcher.append(this.translated.word('launcher'));
    this.launcher.addEventListener('click', () => (this.opened ? this.close() : this.open()));
    this.parts.badge = h('b', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
    this.launcher.append(this.parts.badge);
    return this.launcher;
  }

  private header(): Header {
    return new Header(this.translated, this.getAttribute('heading'), () => this.storage.value.large, {
      large: () => this.enlargeType(),
      language: () => this.switchLanguage(),
      close: this.filling ? null : () => this.close(),
      privacy: () => void this.privacy(),
      forget: () => void this.forget(),
    });
  }

  // drawing

  private draw(news: Line | null): void {
    if (!this.root) return;
    const say = words[this.language];
    const end = this.log.atEnd;
    this.dress();
    this.translated.draw(this.language);
    this.panel.setAttribute('aria-label', this.getAttribute('heading') ?? say.title);
    this.panel.hidden = !(this.opened || this.filling);
    if (!this.filling) this.panel.setAttribute('role', 'dialog');
    this.log.draw(this.language, this.storage.value.privacy ? null : (this.parts.card ?? null));
    this.composer.draw(this.language);
    this.drawBar(say);
    this.drawLauncher(say);
    if (end) this.toEnd();
    else if (news && news.author !== 'citizen' && this.parts.latest) this.parts.latest.hidden = false;
  }

  /** The newest words, unless the newcomer is still reading the first ones. */
  private toEnd(): void {
    const said = this.chat.outbox.length || this.chat.lines.some((line) => line.author === 'citizen');
    if (said || this.storage.value.privacy) this.log.toEnd();
  }

  private drawBar(say: Words): void {
    const { bar } = this.parts;
    if (!bar) return;
    const { presence, status } = this.chat;
    let text = '';
    let kind = '';
    if (status === 'offline' || (status === 'connecting' && !navigator.onLine)) [text, kind] = [say.offline, 'offline'];
    else if (presence.person) [text, kind] = [say.person(presence.person === 'true' ? '' : presence.person), 'person'];
    else if (presence.queue > 0) [text, kind] = [say.queue(presence.queue), 'queue'];
    if (bar.textContent !== text) bar.textContent = text;
    bar.className = `bar-line ${kind}`;
  }

  private drawLauncher(say: Words): void {
    if (!this.launcher || !this.parts.badge) return;
    const unseen = this.opened ? 0 : this.chat.unseen;
    this.parts.badge.textContent = String(Math.min(unseen, 99));
    this.parts.badge.hidden = !unseen;
    this.launcher.setAttribute('aria-label', unseen ? say.unread(unseen) : say.open);
    this.launcher.setAttribute('aria-expanded', String(this.opened));
    this.launcher.classList.toggle('opened', this.opened);
  }

  private dress(): void {
    const theme = this.getAttribute('theme');
    const dark = theme ? theme === 'dark' : this.dark.matches;
    this.root.classList.toggle('dark', dark);
    this.root.classList.toggle('large', this.storage.value.large);
    this.root.classList.toggle('filling', this.filling);
    this.root.lang = this.language === 'zh' ? 'zh-CN' : 'en';
    this.chat.seen();
  }

  /** What the phone's keyboard leaves of the window. */
  private measure(): void {
    const end = this.log.atEnd;
    this.root.style.setProperty('--height', `${window.visualViewport?.height ?? innerHeight}px`);
    if (end) this.log.toEnd();
  }

  private toast(text: string): void {
    const { toast } = this.parts;
    if (!toast) return;
    toast.textContent = text;
    clearTimeout(this.toastTimer);
    this.toastTimer = window.setTimeout(() => toast.replaceChildren(), 6000);
  }

  // acting

  private send(text: string, more: Parameters<Chat['say']>[1]): void {
    this.chat.say(text, more);
    this.log.toEnd();
  }

  private choose(choice: Choice): void {
    this.send(choice.label, { choice });
    this.composer.focus();
  }

  private enlarge(media: Media): void {
    const say = words[this.language];
    void this.gallery.url(media.id).then((url) => show(this.panel, url, say.photoAlt, say.close));
  }

  private async place(): Promise<void> {
    const say = words[this.language];
    const agreed = await ask(this.panel, { title: say.placeTitle, text: say.placeText, ok: say.placeOk, cancel: say.cancel });
    if (!agreed) return;
    this.toast(say.placeBusy);
    const place = await locate();
    if (place) {
      this.send('', { location: place });
      this.parts.toast?.replaceChildren();
    } else this.toast(say.placeDenied);
  }

  private enlargeType(): void {
    this.storage.set({ large: !this.storage.value.large });
    this.draw(null);
  }

  private switchLanguage(): void {
    this.language = this.language === 'zh' ? 'en' : 'zh';
    this.storage.set({ language: this.language });
    this.chat.speak(this.language);
    this.draw(null);
  }

  private async forget(): Promise<void> {
    const say = words[this.language];
    const sheet = { title: say.forgetTitle, text: say.forgetText, ok: say.forgetOk, cancel: say.cancel };
    if (!(await ask(this.panel, sheet))) return;
    this.restart();
    this.storage.set({ privacy: false });
    this.draw(null);
  }

  private async privacy(): Promise<void> {
    const say = words[this.language];
    await ask(this.panel, { title: say.privacyTitle, text: say.privacyText, ok: say.privacyOk, cancel: '' });
  }

  private agree(): void {
    this.storage.set({ privacy: true });
    this.draw(null);
    this.composer.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      if (this.head.open) this.head.toggle(false);
      else this.close();
    } else if (!this.filling) trap(this.panel, event);
  }
}

function style(shadow: ShadowRoot): void {
  if ('adoptedStyleSheets' in shadow && 'replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } else shadow.append(h('style', {}, css));
}
