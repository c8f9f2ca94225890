-- A time is what its reader is shown: whole milliseconds. With finer ones a cursor would stand between entries that look alike,
-- and the next page would begin behind some that nobody has seen.
alter table compliance.audit_entry alter column at type timestamptz(3);
alter table compliance.access_request alter column created_at type timestamptz(3);
