import { useEffect, useState } from 'react';
import { ApiError, follow } from '../api.ts';
import type { FollowAssetSubscription } from '../generated/graphql.ts';
import { FOLLOW } from '../operations.ts';
import { addEvent, lastCursor } from '../timeline.ts';
import { Badge, Problem } from './feedback.tsx';

type Event = FollowAssetSubscription['assetEvents'];

const RETRY_MS = 1_000;

/** What happens to an asset, as it happens; a broken stream is taken up where it broke. */
export function Timeline({
  assetId,
  onEvent,
}: {
  readonly assetId: string;
  readonly onEvent?: (event: Event) => void;
}) {
  const { events, error } = useTimeline(assetId, onEvent);
  if (error) return <Problem error={error} />;
  return (
    <ol className="timeline" aria-live="polite" aria-label="Timeline">
      {events.map((event) => (
        <li key={event.seq}>
          <time dateTime={event.at}>{new Date(event.at).toLocaleTimeString()}</time>
          <span>
            {describe(event)} {event.verdict ? <Badge value={event.verdict} /> : null}
          </span>
          <Badge value={event.state} />
        </li>
      ))}
    </ol>
  );
}

function describe(event: Event): string {
  const stage = event.stage ? event.stage.toLowerCase() : event.type.toLowerCase().replaceAll('_', ' ');
  if (!event.progress) return stage;
  const total = Number(event.progress.total);
  return `${stage}, ${total > 0 ? Math.round((100 * Number(event.progress.done)) / total) : 100} %`;
}

function useTimeline(assetId: string, onEvent: ((event: Event) => void) | undefined) {
  const [events, setEvents] = useState<readonly Event[]>([]);
  const [error, setError] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one stream an asset, whatever the page does with its events
  useEffect(() => {
    const ending = new AbortController();
    let known: readonly Event[] = [];
    const take = (event: Event) => {
      known = addEvent(known, event);
      setEvents(known);
      onEvent?.(event);
    };
    const run = async () => {
      while (!ending.signal.aborted) {
        try {
          await follow(FOLLOW, { assetId, after: lastCursor(known) }, ending.signal, (data) => take(data.assetEvents));
        } catch (caught) {
          if (caught instanceof ApiError) return setError(caught);
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void run();
    return () => ending.abort();
  }, [assetId]);
  return { events, error };
}
