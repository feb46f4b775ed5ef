// The variables of canned replies: {citizen_name}, {ticket_number} … and their Chinese names.
import type { Conversation } from './api/conversations';
import { named, short } from './format';
import { session } from './state/session';

export const VARIABLES = ['citizen_name', 'ticket_number', 'service', 'department', 'deadline', 'my_name', 'city', 'today'] as const;
type Variable = (typeof VARIABLES)[number];

const ALSO: Record<string, Variable> = {
  市民姓名: 'citizen_name',
  工单号: 'ticket_number',
  number: 'ticket_number',
  事项: 'service',
  部门: 'department',
  期限: 'deadline',
  姓名: 'my_name',
  name: 'my_name',
  城市: 'city',
  今天: 'today',
};

function today(): string {
  const now = new Intl.DateTimeFormat('zh-CN', { month: 'long', day: 'numeric', timeZone: session.timezone.value });
  return now.format(new Date());
}

function values(data: Conversation | null): Record<Variable, string> {
  const ticket = data?.tickets[0];
  const name = [...(data?.draft?.details ?? []), ...(data?.known ?? [])].find((one) => one.name === 'name' && !one.hidden);
  return {
    citizen_name: name?.value ?? '',
    ticket_number: ticket?.number ?? '',
    service: named(ticket?.service ?? data?.draft?.service ?? data?.row.service),
    department: ticket?.office ?? '',
    deadline: ticket ? short(ticket.deadline) : '',
    my_name: session.me.value?.name ?? '',
    city: named(session.city.value),
    today: today(),
  };
}

/** What is not known stays as it is, so that nobody sends a gap; a citizen without a name is simply not named. */
export function filled(body: string, data: Conversation | null): string {
  const known = values(data);
  return body.replace(/\{([^{}]+)\}/g, (whole, given: string) => {
    const name = ALSO[given.trim()] ?? (given.trim() as Variable);
    return name === 'citizen_name' ? known.citizen_name : known[name] || whole;
  });
}

export function unfilled(text: string): string[] {
  return [...text.matchAll(/\{([^{}]+)\}/g)].map((one) => one[1]?.trim() ?? '').filter((one) => one in ALSO || (VARIABLES as readonly string[]).includes(one));
}
