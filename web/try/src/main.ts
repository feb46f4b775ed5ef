// /try: three phones, a few sentences to begin with, and the way to the other side of the line.

import { h } from '../../widget/src/dom';
import { Server } from './server';
import { SmsPhone } from './sms';
import { WeChatPhone } from './wechat';
import { WebPhone } from './webchat';
import './style.css';

type Name = 'wechat' | 'sms' | 'web';

const NAMES: Record<Name, string> = { wechat: '微信', sms: '短信', web: '网页' };
const EXAMPLES: [title: string, text: string][] = [
  ['一句话投诉', '人民路人民家园门口的路灯坏了三天，晚上老人出门怕摔，我电话13800138000'],
  ['问政策', '外地户口的孩子上小学要什么条件？'],
  ['欠薪求助', '我们十几个人在东湖新区的工地干了三个月，工资一分没发'],
  ['紧急情况', '楼道里一股煤气味，老人头晕'],
  ['找人', '转人工'],
];

const server = new Server();
const failed = () => note('没有送出去，请看看服务是否在运行。');
const wechat = new WeChatPhone(server, failed);
const sms = new SmsPhone(server, failed);
const web = new WebPhone();
let target: Name = 'wechat';
let stop: () => void = () => undefined;

const place = (id: string): HTMLElement => document.getElementById(id) ?? document.body;

function note(text: string): void {
  const box = h('div', { class: 'note', role: 'alert' }, text);
  document.body.append(box);
  setTimeout(() => box.remove(), 5000);
}

function listen(): void {
  stop();
  stop = server.listen((event) => (event.phone === 'wechat' ? wechat : sms).heard(event));
}

function choose(name: Name): void {
  target = name;
  for (const [list, mark] of [['target', 'aria-checked'], ['tabs', 'aria-selected']] as const) {
    for (const button of Array.from(place(list).children)) {
      button.setAttribute(mark, String((button as HTMLElement).dataset.name === name));
    }
  }
  place('phones').dataset.shown = name;
}

function say(text: string): void {
  if (target === 'web') web.say(text);
  else (target === 'wechat' ? wechat : sms).say(text);
  if (matchMedia('(max-width: 860px)').matches) place('tabs').scrollIntoView({ behavior: 'smooth' });
}

function restart(): void {
  server.renew();
  wechat.clear();
  sms.clear();
  web.restart();
  listen();
}

function buttons(id: string, role: string): void {
  for (const name of Object.keys(NAMES) as Name[]) {
    const attributes = { type: 'button', role, 'data-name': name, 'aria-controls': `phone-${name}` };
    place(id).append(h('button', { ...attributes, on: { click: () => choose(name) } }, NAMES[name]));
  }
}

async function health(): Promise<void> {
  const parts = Object.entries(await server.health());
  const dot = ([name, ok]: [string, boolean]) =>
    h('li', { class: ok ? 'ok' : 'down' }, name, h('span', { class: 'hidden' }, ok ? '正常' : '不可用'));
  place('health').replaceChildren(...parts.map(dot));
}

async function logins(): Promise<void> {
  const roles: Record<string, string> = { operator: '坐席', supervisor: '值班长', admin: '管理员' };
  for (const { login, name, role, password } of await server.logins()) {
    place('logins').append(h('dt', {}, `${roles[role] ?? role} ${name}`), h('dd', {}, h('code', {}, login), ' / ', h('code', {}, password)));
  }
}

buttons('target', 'radio');
buttons('tabs', 'tab');
for (const [title, text] of EXAMPLES) {
  const button = h('button', { type: 'button', on: { click: () => say(text) } }, h('strong', {}, title), h('span', {}, text));
  place('examples').append(h('li', {}, button));
}
place('phones').append(wechat.element, sms.element, web.element);
place('restart').addEventListener('click', restart);
document.head.append(h('script', { src: '/widget.js' }));
choose('wechat');
listen();
void health();
void logins();
setInterval(() => void health(), 15_000);
