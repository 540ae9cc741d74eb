import { connectMongo } from '../../../src/adapters/mongo/lib/connect.ts'
import { loadAtprotoConfig } from '../../../src/config/atproto/sections.ts'
import { ATPROTO_SECTIONS } from '../../../src/worker/atproto/deps.ts'
import { connectWorkerDeps, runAtprotoWorkers } from '../atproto-worker.ts'
import { interceptCollections } from './intercept-collections.ts'

/**
 * The project's own worker, except that it suspends itself by SIGSTOP right before one call to MongoDB: `node
 * suspended-worker.ts <collection>.<method> goes-on|is-killed <bundle>`. Once it is resumed, it makes that call, and
 * then continues, or is killed before it can do anything else.
 */
const [suspendAt, then, bundlePath = ''] = process.argv.slice(2)
const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'])
const { client, db } = connectMongo(config.mongo)

const suspending = interceptCollections(db, async (name, call) => {
  if (name !== suspendAt) return call()
  process.stdout.write('suspended\n')
  process.kill(process.pid, 'SIGSTOP')
  const result = await call()
  if (then === 'is-killed') process.kill(process.pid, 'SIGKILL')
  return result
})
const { deps } = connectWorkerDeps(config, { client, db: suspending })
const { finished } = await runAtprotoWorkers({ config, deps, bundle: { codePath: bundlePath } })
await finished
