// What is about to be taught from one message.
import { drafted, EMERGENCY, KINDS, phrase, type Draft, type MessageRow, type Phrase } from '../../state/inbox';

export interface Choice {
  intent: string;
  kind: string;
  safety: string;
  drafts: Draft[];
  offered: string[]; // ranked, for the number keys
}

const OFFERED = 5;
const LEAST = 0.01; // a guess below this is none

/** What somebody said it should have been comes before what the model thought. */
export function first(row: MessageRow): Choice {
  const offered = [...new Set([row.wanted, row.service, ...row.guesses.filter((it) => it.confidence >= LEAST).map((it) => it.name)])].filter(Boolean).slice(0, OFFERED);
  const intent = offered[0] ?? '';
  const said = row.sources.includes('corrected') && (KINDS as readonly string[]).includes(row.kind);
  return {
    intent,
    kind: said ? row.kind : '',
    safety: intent === EMERGENCY ? row.safety : '',
    drafts: [drafted(row)],
    offered,
  };
}

/** Whether it is still the message as it came, so that the server's own words will do. */
export function phrases(choice: Choice): Phrase[] {
  return choice.drafts.filter((it) => it.text.trim()).map((it) => phrase(it, choice.intent, choice.kind, choice.safety));
}
