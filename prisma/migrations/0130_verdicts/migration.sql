-- A moderator reads the verdicts that he gave, also of what has left the quarantine by them.
create policy own_verdicts on media.decision for select to media_moderator
  using (audience = 'MODERATOR' and decided_by = caller.actor() and (select caller.has_role('platform_admin')));
