// Run by mongosh: initiates the replica set and gives Holdfast its user. Safe to run again.
const { readFileSync } = require('fs')
// oxlint-disable-next-line node/no-process-env
const { MONGO_HOST, MONGO_ROOT_PASSWORD_FILE, MONGODB_DB, MONGODB_PASSWORD_FILE } = process.env
const secret = (file) => readFileSync(file, 'utf8').trim()

const NOT_YET_INITIALIZED = 94
const WAIT_MS = 60_000

const root = `root:${encodeURIComponent(secret(MONGO_ROOT_PASSWORD_FILE))}`
const admin = connect(`mongodb://${root}@${MONGO_HOST}/admin?directConnection=true`)

try {
  admin.adminCommand({ replSetGetStatus: 1 })
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error
  admin.adminCommand({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: MONGO_HOST }] } })
}

const until = Date.now() + WAIT_MS
while (!admin.hello().isWritablePrimary) {
  if (Date.now() > until) throw new Error(`no primary within ${WAIT_MS / 1_000} s`)
  sleep(250)
}

// Every right Holdfast needs in the application's database, and no other.
db = admin // as role.js expects it; its own file, since it is run by hand where MongoDB is somebody else's
load('/deploy/role.js')

const user = { pwd: secret(MONGODB_PASSWORD_FILE), roles: [{ role: 'holdfast', db: MONGODB_DB }] }
if (admin.getUser('holdfast') === null) admin.createUser({ user: 'holdfast', ...user })
else admin.updateUser('holdfast', user)
