import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, ask, follow, type SessionUser } from '../api.ts';
import type { ModerateMutation, QuarantineQuery } from '../generated/graphql.ts';
import { MODERATE, QUARANTINE, WATCH_QUARANTINE } from '../operations.ts';
import { EvidenceTable } from '../parts/evidence.tsx';
import { Badge, Empty, Loading, More, Problem } from '../parts/feedback.tsx';
import { useAction, usePages } from '../parts/load.ts';

type Item = NonNullable<QuarantineQuery['quarantine']>['edges'][number]['node'];
type Given = ModerateMutation['moderateAsset']['asset'];
type Verdict = 'RELEASE' | 'REJECT' | 'RETRY';

const load = async (after: string | null) => (await ask(QUARANTINE, { after })).quarantine ?? NONE;
const NONE = { edges: [], pageInfo: { hasNextPage: false } };
/** A burst of events, and all of history at the first visit, loads the queue once. */
const SETTLE_MS = 400;
const OPINION_STAGES = ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT'];

/** What waits for a person, live. */
export function ModerationPage({ user }: { readonly user: SessionUser }) {
  const pages = usePages(load);
  const { nodes: items, error, reload } = pages;
  const [given, setGiven] = useState<readonly Given[]>([]);
  useQuarantineEvents(user.id, reload);
  const take = (asset: Given) => {
    setGiven((before) => [asset, ...before.filter(({ id }) => id !== asset.id)]);
    reload();
  };
  return (
    <>
      <h1>Moderation</h1>
      {error ? <Problem error={error} /> : null}
      {items ? (
        items.map((item) => <QueueItem key={item.id} item={item} onGiven={take} />)
      ) : error ? null : (
        <Loading what="the queue" />
      )}
      {items?.length === 0 ? <Empty>Nothing waits. New finds appear here by themselves.</Empty> : null}
      <More pages={pages} what="waiting" />
      <Verdicts given={given} />
    </>
  );
}

/** Follows the queue from where this tab last saw it. */
function useQuarantineEvents(userId: string, onEvent: () => void) {
  useEffect(() => {
    const ending = new AbortController();
    const place = `assay.moderation.${userId}`;
    let after = sessionStorage.getItem(place);
    let settling: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      settling = undefined;
      onEvent();
    };
    const run = async () => {
      while (!ending.signal.aborted) {
        try {
          await follow(WATCH_QUARANTINE, { after }, ending.signal, ({ moderationEvents }) => {
            after = moderationEvents.cursor;
            sessionStorage.setItem(place, after);
            settling ??= setTimeout(settle, SETTLE_MS);
          });
        } catch (error) {
          if (error instanceof ApiError) return;
        }
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    };
    void run();
    return () => {
      ending.abort();
      clearTimeout(settling);
    };
  }, [userId, onEvent]);
}

/** What was decided since this page was opened, with the moderator's own words, which only moderators read. */
function Verdicts({ given }: { readonly given: readonly Given[] }) {
  return (
    <section role="status" aria-label="Your verdicts">
      {given.map(({ id, title, state, decision }) => (
        <p key={id} className="quiet">
          {title} <Badge value={state} /> {decision?.note}
        </p>
      ))}
    </section>
  );
}

function QueueItem({ item, onGiven }: { readonly item: Item; readonly onGiven: (asset: Given) => void }) {
  const [reason, setReason] = useState('');
  const { isBusy, error, run } = useAction(async (verdict: Verdict) => {
    const { moderateAsset } = await ask(MODERATE, { input: { assetId: item.id, verdict, reason } });
    onGiven(moderateAsset.asset);
  });
  const verdicts = new Map(item.evidence.map(({ stage, verdict }) => [stage as string, verdict as string]));
  const isOpinion = OPINION_STAGES.every((stage) => verdicts.get(stage) === 'PASS');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    if (submitter instanceof HTMLButtonElement) void run(submitter.value as Verdict);
  };
  return (
    <article className="panel queue">
      <Look item={item} />
      <div>
        <h2>{item.title}</h2>
        <p className="quiet">
          {item.tenant.name} · {item.fileName}{' '}
          {item.decision?.reasons.map((code) => (
            <Badge key={code} value={code} />
          ))}
          {item.decision?.note}
        </p>
        <EvidenceTable evidence={item.evidence} />
        <form onSubmit={submit} className="row">
          <label className="wide">
            Reason, for moderators
            <input value={reason} onChange={(event) => setReason(event.target.value)} required maxLength={1000} />
          </label>
          {isOpinion ? (
            <button type="submit" value="RELEASE" disabled={isBusy}>
              Release
            </button>
          ) : null}
          <button type="submit" value="REJECT" className="danger" disabled={isBusy}>
            Reject
          </button>
          {[...verdicts.values()].includes('UNKNOWN') ? (
            <button type="submit" value="RETRY" disabled={isBusy}>
              Run again
            </button>
          ) : null}
        </form>
        {error ? <Problem error={error} /> : null}
      </div>
    </article>
  );
}

function Look({ item }: { readonly item: Item }) {
  if (!item.moderationPreview) return <p className="thumbnail none">No picture: its bytes are not safe to decode.</p>;
  const { url, width, height } = item.moderationPreview;
  return <img className="thumbnail" src={url} width={width} height={height} alt={`Blurred look at ${item.title}`} />;
}
