// Two short sounds, made here: nothing to load, nothing to licence.
import { prefs } from './state/prefs';

let context: AudioContext | null = null;

const TUNES = {
  message: [[660, 0, 0.12]],
  offer: [
    [587, 0, 0.14],
    [784, 0.16, 0.2],
  ],
  alarm: [
    [880, 0, 0.18],
    [620, 0.22, 0.18],
    [880, 0.44, 0.18],
    [620, 0.66, 0.3],
  ],
} as const;

export function ring(tune: keyof typeof TUNES): void {
  if (!prefs.sound || typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  const now = context.currentTime;
  for (const [pitch, start, length] of TUNES[tune]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, now + start);
    volume.gain.exponentialRampToValueAtTime(tune === 'alarm' ? 0.3 : 0.08, now + start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + start + length);
    tone.connect(volume).connect(context.destination);
    tone.start(now + start);
    tone.stop(now + start + length);
  }
}
