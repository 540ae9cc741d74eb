// Run by mongosh: initiates the replica set and gives Holdfast its user. Safe to run again.
// oxlint-disable-next-line node/no-process-env
const { MONGO_HOST, MONGO_ROOT_PASSWORD, MONGODB_DB, MONGODB_PASSWORD } = process.env

const NOT_YET_INITIALIZED = 94
const WAIT_MS = 60_000

const root = `root:${encodeURIComponent(MONGO_ROOT_PASSWORD)}`
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

const user = { pwd: MONGODB_PASSWORD, roles: [{ role: 'readWrite', db: MONGODB_DB }] }
if (admin.getUser('holdfast') === null) admin.createUser({ user: 'holdfast', ...user })
else admin.updateUser('holdfast', user)
