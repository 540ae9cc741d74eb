/**
 * The usual cause of everything an operator can be shown by name, by subject. Sentences and fixes stand in `src/domain`;
 * a name without a cause here fails `npm run docs`.
 */
export const CAUSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Temporal, workers and schedules': {
    'temporal-unreachable':
      'The Temporal server is down, or TEMPORAL_ADDRESS, its certificate or a firewall keeps Holdfast from it.',
    'temporal-denied':
      'The API key or the client certificate is wrong, expired, or not valid for this namespace.',
    'temporal-namespace-missing':
      'The namespace of TEMPORAL_NAMESPACE was never created on this Temporal server.',
    'temporal-refused':
      'Temporal answers a request with an error that retrying may not end: a missing search attribute, a limit of the namespace, or closed runs that are listed for longer than usual.',
    'search-attribute-missing': 'The six search attributes of Holdfast were not created in the namespace.',
    'search-attribute-wrong-type': 'An attribute of this name was created earlier, with another type.',
    'retention-too-short': "The namespace was created with Temporal's default retention.",
    'no-worker':
      'No worker process runs, or those that run cannot connect to Temporal, poll another namespace, or hang.',
    'worker-silent':
      'A worker process hangs (a paused container, a debugger, a machine out of memory) or was killed before it could report that it stops.',
    'worker-settings-differ':
      'A worker was started with another environment and not restarted since a setting changed.',
    'blocked-despite-check':
      'The environment of the command is right and that of a worker is not; or the cause has just passed and the signups have not been retried yet.',
    'test-alert': '`holdfast check alerts --send` was run.',
    'signups-stalled':
      "The signup's workflow task fails again and again, mostly because a worker of another version took it; or its queue has no worker.",
    'workflows-failing': 'As signups-stalled, for deletions, handle syncs and large deliveries.',
    'schedule-missing':
      '`holdfast schedules atproto apply` has not run since this schedule, or its tenant, was added.',
    'schedule-paused': 'The schedule was paused at Temporal.',
    'schedule-late': "Temporal is overloaded, or its scheduler's workers are behind.",
    'watch-failing': 'One part of the watch (a probe, an inspection, a count) fails by itself.',
    'watch-late':
      'The schedule of `watch` is missing or paused, no worker completes it, or its run fails before the alerts are reconciled.',
    'step-slow': 'The server a step talks to is overloaded, or the worker dies in the middle of the step.',
    unexpected:
      'A failure that Holdfast does not know. Please report it with the failure from the Temporal UI.',
  },
  MongoDB: {
    'mongo-unreachable':
      'The server is down, elects a primary, or is unreachable from this process; or a single call took longer than nine seconds.',
    'mongo-slow':
      'Reading a whole collection takes longer than its time-out: the server is overloaded, or the collection has grown.',
    'mongo-throttled':
      "The hosting plan's limit for operations is used up, or the server sets a time limit of its own.",
    'mongo-denied':
      'The user of MONGODB_URI lacks a privilege: a role that was changed, or a collection that is new since the last update.',
    'mongo-refused':
      'A validator, an index or the kind of the collection (a view, a time series) refuses the write.',
    'mongo-login-refused': 'User, password or authSource in MONGODB_URI are wrong, or the user was removed.',
    'mongo-without-transactions': 'mongod was started without a replica set.',
    'mongo-privilege-missing': 'The role is older than this version of Holdfast, or was made by hand.',
    'mongo-privileges-superfluous': 'MONGODB_URI names an administrator or a user with readWrite.',
    'mongo-without-login': 'mongod runs without access control and listens to more than this machine.',
    'index-not-equivalent':
      'An index on users.code exists that lets two users have one code, refuses a user without one, or covers only some; or none can be created.',
    'index-missing': 'No signup has run yet, so nothing has created the index.',
    'actions-index-missing':
      'The database user was created without deploy/mongo/role.js, which creates this index, or the index was dropped. Holdfast may not create it: with that right, it could make lines of the record expire early.',
    'index-refuses-user': 'The application has a unique index over a field that new users do not have.',
    'code-not-text': 'The application wrote a number or another type into users.code.',
  },
  Postgres: {
    'postgres-unreachable':
      'The server, or the pooler before it, is down or restarting; the address is wrong; or a single call took longer than nine seconds.',
    'postgres-throttled':
      'The limit of connections is used up, another transaction holds the rows, or the role has a short statement_timeout.',
    'postgres-denied':
      'The role of Holdfast lacks a privilege or a policy, its password changed, or the table is new since its rights were granted.',
    'postgres-refused':
      'A table of Holdfast is missing or older than this version, or one of the application has changed.',
    'postgres-login-refused': 'User, password or database in the URL are wrong, or the role was removed.',
    'postgres-privilege-missing': 'The role is older than this version of Holdfast, or was made by hand.',
    'postgres-privileges-superfluous': 'The URL names an administrator instead of a role of Holdfast’s own.',
    'state-outdated': 'The tables were not created, or not updated, when Holdfast was installed or updated.',
    'state-too-new': 'A process of an earlier version runs on the database of a later one.',
    'state-altered':
      'A file of sql/state was changed after it was applied, or a development version applied it.',
  },
  'Supabase: users and profiles': {
    'profiles-missing':
      'The trigger on auth.users is gone, disabled or swallows its error; or the application does not create profiles.',
    'signup-health': 'As profiles-missing: the share of the last day’s users who have a profile.',
    'profile-missing':
      'The trigger was lost or failed for this user, or the user was created past it (an import, a restored backup).',
    'profile-unowned':
      'The user was deleted and the profile has no foreign key with on delete cascade; or the user was soft-deleted.',
    'audit-only':
      'The transaction that made the user was undone later, or the audit log was pruned between signup and deletion.',
    'profile-refused':
      'A check, a unique address or a foreign key of the profiles does not accept the values of this user.',
    'profile-column-required':
      'A column of the profiles has no default and does not accept null, and is missing from SUPABASE_PROFILE_COLUMNS; or this user lacks the value.',
    'profile-column-unknown': 'A migration renamed the table or the column.',
    'profile-column-unmapped': 'A migration added a column that is not null and has no default.',
    'trigger-missing':
      'A diff, a pull, a squash, a restore or an upgrade left the trigger out, since it is on a table of another schema; or its function was dropped with cascade.',
    'trigger-disabled':
      'Triggers were disabled for an import or a restore, and not enabled again; or the trigger fires in replication only.',
    'trigger-changed': 'A migration or somebody in the SQL editor replaced the function or the trigger.',
    'migrations-unreadable':
      'The folder exists in the checkout only, and the command runs elsewhere; or the path is wrong.',
    'rest-access-open':
      'Row-level security is off for the table, or a policy lets more rows pass than the person’s own.',
    'own-rows-unreadable': 'The table has no policy for the role authenticated, or another key.',
    'audit-log-empty':
      'Supabase Auth does not write to the table (GOTRUE_AUDIT_LOG_DISABLE_POSTGRES), or its entries were deleted.',
    'audit-log-unindexed':
      'Supabase creates no index on the time, and only the owner of the table may add one.',
  },
  Auth0: {
    'auth0-unreachable':
      'Auth0 is down, AUTH0_<TENANT>_DOMAIN is wrong, or outgoing connections are blocked.',
    'auth0-rate-limited':
      'Holdfast and other programs of the tenant together used up the limit of the Management API.',
    'auth0-denied': 'Client id or secret are wrong, or the application lacks a scope.',
    'auth0-client-refused':
      'The secret was rotated at Auth0, or the application may not use the Management API.',
    'auth0-scope-missing':
      'The grant of the application lacks a scope, mostly one that came with a newer version.',
    'auth0-scope-superfluous': 'The application was granted every scope, or is used by another program too.',
    'auth0-refused':
      'The identity is not an id of this tenant: mistyped, or its prefix is not the configured one.',
    'auth0-log-unreadable':
      'A proxy between Holdfast and Auth0 removes the Link header, or rewrites the answers.',
    'log-stream-missing': 'The log stream was never created, or was deleted.',
    'log-stream-elsewhere':
      'The log stream still posts to an older address, for example a function of a website.',
    'log-stream-paused': 'The stream was paused at Auth0.',
    'log-stream-suspended': 'Auth0 suspends a stream whose deliveries failed for about a day.',
    'log-stream-filtered': "The stream's filters leave out events of signups or users.",
    'log-stream-format-unknown': 'The stream uses a format that Auth0 added after this version of Holdfast.',
    'log-stream-token-differs': 'The token was changed on one side only.',
    'signup-not-seen': 'A delivery was lost or refused, and catch-up has not read that part of the log yet.',
    'signups-missing': 'The log stream is off or refused, and catch-up has not found these people yet.',
    'catch-up-behind':
      "Catch-up is rate-limited or failing, or the tenant's log grows faster than it is read.",
    'log-gap': 'Catch-up was off for longer than Auth0 keeps its log (one day to 30, by plan).',
    'tokens-refused': 'The log stream and the server have different tokens, or a stranger tries tokens.',
    'events-quarantined': 'Auth0 sent entries in an unknown format, or someone who has the token did.',
    'events-noted':
      'Auth0 reports failed mails, removed or linked users, or imports; Holdfast does not act on these.',
    'tenant-unknown':
      'A tenant was removed from the environment, or the prefix of an identity belongs to no tenant.',
  },
  'The PDS and the PLC directory': {
    'pds-unreachable': 'The PDS is down or restarting, PDS_URL is wrong, or a proxy in front of it fails.',
    'pds-failing':
      'A fault inside the PDS: its disk, its database, its mail server, or an account that was taken down.',
    'pds-rate-limited':
      'The PDS counts calls by address: 100 new accounts and 3,000 calls in five minutes, as shipped.',
    'pds-admin-refused': 'PDS_ADMIN_PASSWORD differs between the PDS and the worker.',
    'pds-domain-unsupported': 'PDS_HANDLE_DOMAIN is not among the PDS’s service handle domains.',
    'pds-invite-refused': 'The invite code was used up or disabled between its creation and its use.',
    'pds-open': 'The PDS runs without PDS_INVITE_REQUIRED, or with it set to false.',
    'pds-keys-unknown':
      'HOLDFAST_ADOPT_BEFORE is set, an account of the previous system waits to be adopted, and neither Holdfast nor that system stored the password of any account.',
    'account-not-adopted':
      'The previous system created the account and HOLDFAST_ADOPT_BEFORE is not set, or is earlier; its owner added a key to its DID; or a stranger who saw the user code created it.',
    'pds-refused': 'The PDS gives a reason that Holdfast does not know.',
    'plc-unreachable': 'The PLC directory is down, or PDS_DID_PLC_URL is wrong.',
  },
  'One person': {
    'email-missing':
      'The person signed up by a connection without an address (a phone number, some social logins).',
    'email-taken':
      'Another account at the PDS holds the address: the person created it themselves, or it belongs to someone else.',
    'email-unsupported': 'A disposable-mail provider, or an address the PDS considers malformed.',
    'deletion-under-way':
      'The same identity signed up again while the records of the previous person are still being deleted.',
    'rate-limit-lasting':
      'Another program uses the whole limit, or the limit is lower than the number of signups needs.',
    'seal-broken': 'A key was removed from HOLDFAST_KEY too early, or a value was copied from another place.',
  },
  'Pauses, limits and modes': {
    paused: 'An operator ran `holdfast pause atproto`.',
    observing: 'HOLDFAST_MODE=observe is set where the worker runs.',
    'repairs-held': 'A collection was dropped, restored from an old copy or cleaned by a script.',
    'records-lost': 'As repairs-held: noticed by comparing the counts of audits.',
    'deletions-paused': 'An operator ran `holdfast pause atproto --deletions`.',
    'deletions-held':
      'A script or a mistake deleted many users at the provider, or the limit is low for this tenant.',
  },
  'Gaps that an audit finds': {
    'gaps-found': 'The hourly audit found people whose records are not complete.',
    'identity-only': 'The signup event was lost, or the person signed up before Holdfast was installed.',
    'verification-missing': 'A write of an earlier system failed, or the record was deleted.',
    'user-missing': 'As verification-missing, for the user record.',
    'code-missing': 'The application created the user record itself, or removed the code.',
    'code-malformed': 'The code was set by hand or by an older system.',
    'code-duplicate': 'There was no unique index when both codes were set.',
    'account-missing':
      'The account was never created, or users.atproto was lost while the account still exists.',
    'account-gone': 'An administrator of the PDS took the account down or deleted it, or its owner did.',
    'handle-differs':
      'The handle was changed at the PDS, or its change in the application was not applied yet.',
    'email-differs': 'The address was changed at one side only, or the new one is not verified yet.',
    'account-unowned':
      'The account was created by hand or by an older system, or its user record was deleted.',
    'record-unowned': 'The person was deleted at the provider before Holdfast was installed, or by hand.',
    'deleted-but-present':
      'A worker was killed after its last write for a person whose deletion had just ended.',
    'unverified-too-long': 'The person never opened the verification mail.',
  },
  'The webhook server, keys and the check itself': {
    'environment-incomplete': 'A variable is missing or malformed where the command runs.',
    'connection-unencrypted':
      'MONGODB_URI or TEMPORAL_ADDRESS names a host outside this machine and its private network, and no TLS.',
    'server-unreachable': 'The server does not run, or the proxy in front of it does not reach it.',
    'server-not-ready': 'The server runs and cannot reach Temporal or MongoDB.',
    'webhook-tenant-unknown': 'The tenant’s variables are set for the command and not for the server.',
    'webhook-open': 'HOLDFAST_URL leads to another program, or a proxy answers by itself.',
    'webhook-token-differs': 'The server was not restarted since the token changed.',
    'key-missing': 'A key was removed from HOLDFAST_KEY while values encrypted with it remain.',
    'values-in-clear': 'PDS_PASSWORD_STORAGE changed from plain to sealed.',
    'probe-stopped': 'One of the steps that the probe follows did not happen within its time.',
    'probe-left': 'A probe was interrupted, or its deletion failed.',
    'check-timed-out': 'The server that the check calls is overloaded.',
    'check-failed': 'The check got an answer that it does not know.',
  },
  "The operators' address": {
    'operator-unknown':
      'The token is missing or misspelt, or the server was not restarted since it was added to HOLDFAST_OPERATORS; behind a proxy, the connection is not one of OPERATOR_PROXIES, or OPERATOR_HEADER names nobody of HOLDFAST_OPERATORS.',
    'sign-in-unavailable':
      'The issuer is down, a firewall keeps the server from it, or OPERATOR_OIDC_ISSUER is spelled differently than in its own discovery document.',
    'role-insufficient': 'A viewer tries to repair something, or an operator to do what only an admin may.',
    'origin-foreign': "A page of another site sends requests to the operators' address.",
    'request-invalid': 'A parameter is missing, misspelt or of another type.',
    'body-not-json': 'A program sends the body as a form or as text.',
    'body-too-large': 'A list of people is sent in one request.',
    'address-unknown': 'The path is misspelt, or is of another version.',
    'person-unknown':
      'The hash is of another installation (another HOLDFAST_ID_KEY); or the person has no signup at Temporal, and the server was restarted since they were found.',
    'run-unknown': 'The id is misspelt, or the run is older than the retention of the namespace.',
    'run-not-running': 'The run ended meanwhile, or an audit is controlled, which cannot be.',
    'plan-missing': 'The run still scans, repaired at once, failed, or found nothing to repair.',
    'idempotency-key-reused': 'A program uses one key for several requests.',
    'system-unknown': 'The system is misspelt, or HOLDFAST_SYSTEMS of this server does not name it.',
  },
}

/** Pages of docs/ that say more than an entry has room for, by the name of the entry. */
export const PAGES: Readonly<Record<string, string>> = {
  'account-not-adopted': 'operate/repair.md#accounts-of-an-earlier-system',
  'deletions-held': 'operate/delete-and-export.md#the-safety-limit',
  'handle-differs': 'operate/changes.md',
  'log-stream-elsewhere': 'deploy.md#a-log-stream-that-posts-to-a-function-of-your-own',
  'log-stream-filtered': 'deploy.md#the-log-stream',
  observing: 'operate/pause.md#observe',
  'operator-unknown': 'operate/api.md#who-may-call-it',
  paused: 'operate/pause.md',
  'repairs-held': 'operate/repair.md#records-were-lost',
}
