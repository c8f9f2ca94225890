/** What a timeline keeps of an event. */
export interface TimelineEvent {
  readonly cursor: string;
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly state: string;
  readonly stage?: string | null;
  readonly verdict?: string | null;
  readonly progress?: { readonly done: number | string; readonly total: number | string } | null;
}

/** Events of one asset in their order, each once, whatever a stream repeats after it was resumed. */
export function addEvent<Event extends TimelineEvent>(events: readonly Event[], event: Event): readonly Event[] {
  if (events.some(({ seq }) => seq === event.seq)) return events;
  return [...events, event].sort((a, b) => a.seq - b.seq);
}

/** Where to resume after a stream broke. */
export function lastCursor(events: readonly TimelineEvent[]): string | null {
  return events.at(-1)?.cursor ?? null;
}

/** Whether nothing more happens by itself. */
export function isAtRest(state: string): boolean {
  return ['READY', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED'].includes(state);
}
