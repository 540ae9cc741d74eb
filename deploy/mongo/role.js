// Makes the role `holdfast` in the application's database: every right Holdfast needs there, and no other. Safe to
// run again. By hand, as an administrator: MONGODB_DB=app mongosh <uri> deploy/mongo/role.js
// oxlint-disable-next-line node/no-process-env
const application = db.getSiblingDB(process.env.MONGODB_DB)

// A test holds this to NEEDED_PRIVILEGES in src/domain/mongo-role.ts.
const own = ['find', 'insert', 'update', 'remove', 'createIndex']
const needed = {
  verifications: ['find', 'insert', 'update', 'remove'],
  users: ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes'],
  '@handles': ['find', 'remove', 'changeStream'],
  holdfast_verifications: own,
  holdfast_intents: own,
  holdfast_codes: own,
  holdfast_events: own,
  holdfast_cursors: own,
  holdfast_quarantine: own,
  holdfast_resume_tokens: own,
  holdfast_tombstones: own,
  holdfast_switches: own,
  holdfast_reveals: own,
}

const privileges = Object.entries(needed).map(([collection, actions]) => ({
  resource: { db: application.getName(), collection },
  actions,
}))

if (application.getRole('holdfast') === null)
  application.createRole({ role: 'holdfast', privileges, roles: [] })
else application.updateRole('holdfast', { privileges, roles: [] })
