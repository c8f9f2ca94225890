-- The four rooms of the database. Everything below belongs to the owner; runtime roles get what each migration grants, and no more.
-- `public` is closed, so that nobody can put a function of the same name in front of ours.
revoke all on schema public from public;
alter default privileges revoke execute on functions from public;

create schema identity;
create schema media;
create schema licensing;
create schema compliance;

grant usage on schema identity to identity_app, identity_provider, identity_system, identity_directory, identity_accounts;
grant usage on schema media to media_app, media_moderator, intake_worker, janitor, licensing_app,
  media_storefront, media_licensed, media_directory, media_verdict, media_jobs;
grant usage on schema licensing to licensing_app, licensing_lookup, media_licensed;
-- Everybody may call `compliance.record`, and that is all that is granted there.
grant usage on schema compliance to identity_app, identity_provider, identity_system, identity_accounts,
  media_app, media_moderator, media_verdict, intake_worker, janitor,
  licensing_app, compliance_app, audit_reader, audit_writer, compliance_recorder, compliance_access;

-- Who asks, as set by `withTenant` for this transaction alone. Outside of one the setting is null or '', and then nothing matches.
create schema caller;
grant usage on schema caller to public;

create function caller.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('assay.tenant', true), '')::uuid;
create function caller.subject() returns uuid language sql stable parallel safe
  return nullif(current_setting('assay.subject', true), '')::uuid;
create function caller.session() returns text language sql stable parallel safe
  return nullif(current_setting('assay.session', true), '');
create function caller.address() returns text language sql stable parallel safe
  return nullif(current_setting('assay.address', true), '');
create function caller.request() returns text language sql stable parallel safe
  return nullif(current_setting('assay.request', true), '');
-- The actor of an audit entry: the user, or a part of the system (`system:intake`), or `anonymous`.
create function caller.actor() returns text language sql stable parallel safe
  return coalesce(nullif(current_setting('assay.actor', true), ''), 'anonymous');
create function caller.has_role(role text) returns boolean language sql stable parallel safe
  return role = any (string_to_array(coalesce(current_setting('assay.roles', true), ''), ','));

grant execute on all functions in schema caller to public;
