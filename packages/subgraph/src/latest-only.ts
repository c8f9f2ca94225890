/**
 * Says of a subscription's field that only its newest event matters: a gateway may leave out what a slow reader has not taken yet, and
 * does not send him away. A tag (Apollo Federation 2), since every composition hands those on. Of a field whose events are promised
 * without a gap it would be a lie.
 */
export const LATEST_ONLY = '@tag(name: "latest-only")';
