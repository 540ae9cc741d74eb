// Makes the role `holdfast` in the application's database: every right Holdfast needs there, and no other. Safe to
// run again. By hand, as an administrator: MONGODB_DB=app mongosh <uri> deploy/mongo/role.js
// oxlint-disable-next-line node/no-process-env
const application = db.getSiblingDB(process.env.MONGODB_DB)

// A test holds this to NEEDED_PRIVILEGES in src/domain/atproto/mongo-role.ts.
const own = ['find', 'insert', 'update', 'remove', 'createIndex']
const needed = {
  verifications: ['find', 'insert', 'update', 'remove'],
  users: ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes'],
  '@handles': ['find', 'remove', 'changeStream'],
  // Appended to and read: nothing of ours can change or shorten the record of what operators did. Its indexes are read
  // by `holdfast check`.
  holdfast_actions: ['find', 'insert', 'listIndexes'],
  holdfast_verifications: own,
  holdfast_people: own,
  holdfast_intents: own,
  holdfast_codes: own,
  holdfast_events: own,
  holdfast_cursors: own,
  holdfast_quarantine: own,
  holdfast_quarantine_days: own,
  holdfast_resume_tokens: own,
  holdfast_tombstones: own,
  holdfast_old_deletions: own,
  holdfast_switches: own,
  holdfast_brakes: own,
  holdfast_audits: own,
  holdfast_audit_findings: own,
  holdfast_audit_people: own,
  holdfast_audit_identities: own,
  holdfast_audit_accounts: own,
  holdfast_audit_marks: own,
  holdfast_plans: own,
  holdfast_history: own,
  holdfast_steps: own,
  holdfast_ignored: own,
  holdfast_alerts: own,
  holdfast_workers: own,
  holdfast_event_counts: own,
  holdfast_failed_mails: own,
  holdfast_totals: own,
  holdfast_renewals: own,
}

// Made here, since our role may make no index there: with one, whatever is recorded could be had expire.
application.getCollection('holdfast_actions').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })

const privileges = Object.entries(needed).map(([collection, actions]) => ({
  resource: { db: application.getName(), collection },
  actions,
}))

if (application.getRole('holdfast') === null)
  application.createRole({ role: 'holdfast', privileges, roles: [] })
else application.updateRole('holdfast', { privileges, roles: [] })
