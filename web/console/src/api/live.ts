// The live feed: one WebSocket that comes back by itself. After every (re)connection the pages read again,
// so nothing that happened meanwhile is missed.
import { ref } from 'vue';

import type { Frame } from './frames';

export type Link = 'connecting' | 'open' | 'lost' | 'off';

const PING = 10_000; // a network that died without a word is noticed after two and a half of them
const LOGGED_OUT = 4401;

export const link = ref<Link>('off');

let socket: WebSocket | null = null;
let attempts = 0;
let retry = 0;
let pinger = 0;
let watched: number[] = [];
let heard = 0;
const listeners = new Set<(frame: Frame) => void>();
const openers = new Set<() => void>();

export function onFrame(listener: (frame: Frame) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function onOpen(opener: () => void): () => void {
  openers.add(opener);
  return () => openers.delete(opener);
}

export function connect(): void {
  if (socket) return;
  link.value = attempts ? 'lost' : 'connecting';
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const fresh = new WebSocket(`${scheme}://${location.host}/api/live`);
  socket = fresh;
  fresh.onmessage = (event) => {
    heard = Date.now();
    const frame = JSON.parse(String(event.data)) as Frame;
    if (frame.type === 'hello') {
      attempts = 0;
      link.value = 'open';
      send({ type: 'watch', conversations: watched });
      openers.forEach((opener) => opener());
    } else if (frame.type === 'resync') openers.forEach((opener) => opener());
    else listeners.forEach((listener) => listener(frame));
  };
  fresh.onclose = (event) => {
    if (socket !== fresh) return; // given up already: a newer one may be at work
    window.clearInterval(pinger);
    socket = null;
    if (event.code === LOGGED_OUT) {
      link.value = 'off';
      openers.forEach((opener) => opener()); // the next read meets 401 and shows the log-in page
      return;
    }
    link.value = 'lost';
    again();
  };
  pinger = window.setInterval(() => {
    if (Date.now() - heard > 2.5 * PING && heard) giveUp();
    else send({ type: 'ping' });
  }, PING);
}

/** Nobody is at the other end any more; a closing handshake would wait for them. */
function giveUp(): void {
  const old = socket;
  if (!old) return;
  window.clearInterval(pinger);
  socket = null;
  link.value = 'lost';
  old.close();
  again();
}

function again(): void {
  attempts += 1;
  const longest = Math.min(30_000, 1000 * 2 ** Math.min(attempts, 5));
  window.clearTimeout(retry);
  retry = window.setTimeout(connect, Math.max(300, Math.random() * longest));
}

export function disconnect(): void {
  window.clearTimeout(retry);
  const old = socket;
  socket = null;
  link.value = 'off';
  attempts = 0;
  old?.close();
}

export function watch(conversations: number[]): void {
  const wanted = [...new Set(conversations)].sort((a, b) => a - b).slice(0, 200);
  if (wanted.join() === watched.join()) return;
  watched = wanted;
  send({ type: 'watch', conversations: watched });
}

function send(frame: object): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

// The machine knows that its network is gone: the page says so at once.
window.addEventListener('offline', giveUp);

// A laptop that wakes up or finds its network again does not wait for the back-off.
window.addEventListener('online', () => {
  if (link.value === 'lost') {
    window.clearTimeout(retry);
    connect();
  }
});
