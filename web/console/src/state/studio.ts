// Models and trainings of the studio: read once, then kept fresh by the live feed.
import { onScopeDispose, ref, type Ref } from 'vue';

import { api } from '../api/http';
import { onFrame, onOpen } from '../api/live';

export interface Progress {
  epoch?: number;
  epochs?: number;
  done?: number;
  of?: number;
  loss?: number;
  accuracy?: number;
  eta_s?: number;
  elapsed_s?: number;
  curve?: [string, number, number | null][];
}

export interface Training {
  id: number;
  kind: 'train' | 'judge';
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  stage: string;
  progress: Progress;
  problem: string;
  code: string;
  note: string;
  revision: number | null;
  model: number | null;
  against: number | null;
  by: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

export interface Version {
  id: number;
  name: string;
  source: string;
  note: string;
  by: string;
  revision: number | null;
  phrases: number;
  services: number;
  size: number;
  place: '' | 'live' | 'before' | 'staged' | 'shadow';
  passed: boolean | null;
  accuracy: number | null;
  better: number | null;
  worse: number | null;
  created_at: string;
  retired_at: string | null;
}

export interface Publication {
  id: number;
  verb: string;
  live: number;
  staged: number | null;
  share: number;
  shadow: number | null;
  reason: string;
  by: string;
  created_at: string;
}

export interface Differs {
  text: string;
  live: string;
  shadow: string;
  alarm: boolean;
  at: string;
}

export interface Models {
  live: number | null;
  before: number | null;
  staged: number | null;
  share: number;
  shadow: number | null;
  versions: Version[];
  nodes: { node: string; follows: boolean; problem: string; seen_at: string }[];
  history: Publication[];
  shadowed: { messages: number; agrees: number; alarms_more: number; alarms_fewer: number; examples: Differs[] } | null;
}

export interface Gate {
  name: string;
  open: boolean | null;
  seen: number | null;
  limit: number | null;
  worst: string[];
}

export interface Change {
  text: string;
  set: string;
  expected: string;
  new: string;
  old: string | null;
  confidence: number;
}

export interface ClassLine {
  label: string;
  count: number;
  new: number[];
  old: number[] | null;
}

export interface Report {
  counts: Record<string, number>;
  figures: { name: string; new: number; old: number | null; count: number }[];
  services: ClassLine[];
  traffic: ClassLine[];
  acts: ClassLine[];
  safety: ClassLine[];
  confusions: { new: [string, string, number][]; old: [string, string, number][] };
  calibration: { new: [number, number, number][]; old: [number, number, number][] };
  histogram: { new: { right: number[]; wrong: number[] } };
  better: Change[];
  worse: Change[];
  wrong: Change[];
  better_count: number;
  worse_count: number;
  wrong_count: number;
  taught: { held_out: number; traffic: number };
  transcripts: { count: number; new: number; old: number | null; changes: { name: string; new: string[]; old: string[] }[] };
}

export interface Judgement {
  id: number;
  against: number | null;
  test_set: string;
  created_at: string;
  passed: boolean;
  gates: Gate[];
  report: Report;
}

export interface Detail {
  version: Version;
  judgement: Judgement | null;
  judged_beside: number[];
}

export interface Rules {
  gates: Record<string, number>;
  retention: { keep: number };
}

type StudioFrame = { type: 'training'; training: Training } | { type: 'models' };

export const OPEN = ['queued', 'running'];

export interface Studio {
  models: Ref<Models | null>;
  trainings: Ref<Training[]>;
  failed: Ref<boolean>;
  load: () => Promise<void>;
}

/** Both lists of the page, alive while it is open. */
export function useStudio(): Studio {
  const models = ref<Models | null>(null);
  const trainings = ref<Training[]>([]);
  const failed = ref(false);
  let timer = 0;

  async function load(): Promise<void> {
    try {
      const [m, t] = await Promise.all([api.get<Models>('/studio/models'), api.get<{ rows: Training[] }>('/studio/trainings')]);
      models.value = m;
      trainings.value = t.rows;
      failed.value = false;
    } catch {
      failed.value = models.value === null;
    }
  }

  function soon(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void load(), 250);
  }

  const stop = onFrame((given) => {
    const frame = given as unknown as StudioFrame;
    if (frame.type === 'models') soon();
    else if (frame.type === 'training') {
      const at = trainings.value.findIndex((one) => one.id === frame.training.id);
      if (at < 0) trainings.value = [frame.training, ...trainings.value];
      else trainings.value = trainings.value.map((one) => (one.id === frame.training.id ? frame.training : one));
      if (!OPEN.includes(frame.training.status)) soon();
    }
  });
  const again = onOpen(soon);
  onScopeDispose(() => {
    stop();
    again();
    window.clearTimeout(timer);
  });
  return { models, trainings, failed, load };
}
