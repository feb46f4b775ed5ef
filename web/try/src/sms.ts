// The SMS phone: the same number through one of three providers.

import { h } from '../../widget/src/dom';
import { Phone } from './phone';
import type { Happened, Provider, Server } from './server';

const PROVIDERS: Record<Provider, [label: string, note: string]> = {
  twilio: ['Twilio', '可以发自由文本，像聊天一样。'],
  aliyun: ['阿里云', '只能发审核过的模板：回执、进度、续聊链接。'],
  tencent: ['腾讯云', '只能发审核过的模板：回执、进度、续聊链接。'],
};

export class SmsPhone extends Phone {
  constructor(server: Server, failed: () => void) {
    let provider: Provider = 'twilio';
    const note = h('p', {}, PROVIDERS.twilio[1]);
    const buttons = new Map<Provider, HTMLElement>();
    const pick = (chosen: Provider) => {
      provider = chosen;
      note.textContent = PROVIDERS[chosen][1];
      buttons.forEach((button, name) => button.setAttribute('aria-checked', String(name === chosen)));
    };
    for (const name of Object.keys(PROVIDERS) as Provider[]) {
      const attributes = { type: 'button', role: 'radio', 'aria-checked': String(name === provider) };
      buttons.set(name, h('button', { ...attributes, on: { click: () => pick(name) } }, PROVIDERS[name][0]));
    }
    const segments = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': '短信服务商' }, ...buttons.values());
    const say = (text: string) => void server.say('sms', { provider, text }).then((ok) => ok || failed());
    const skin = { name: 'sms', label: '短信', title: '12345', placeholder: '短信内容', below: h('div', { class: 'provider' }, segments, note) };
    super(skin, say, (option) => say(option.label), () => null);
  }

  override heard(event: Happened): void {
    super.heard(event);
    this.log.classList.add('used');
  }
}
