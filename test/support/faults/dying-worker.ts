import { loadAtprotoConfig } from '../../../src/config/atproto/sections.ts'
import { ATPROTO_SECTIONS } from '../../../src/worker/atproto/deps.ts'
import { connectWorkerDeps, runAtprotoWorkers, type WorkerDeps } from '../atproto-worker.ts'
import { interceptCalls } from '../intercept-calls.ts'

/**
 * The project's own worker, except that it kills itself by SIGKILL right before or after one outside call: `node
 * dying-worker.ts <call> before|after <bundle> [n]`, the n-th such call. The configuration is the environment's.
 */
const [dieAt, when, bundlePath = '', nth = '1'] = process.argv.slice(2)
const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'])
const { deps } = connectWorkerDeps(config)

let calls = 0
const dying: WorkerDeps = interceptCalls(deps, async (name, call) => {
  if (name !== dieAt) return call()
  calls += 1
  if (calls < Number(nth)) return call()
  if (when === 'after') await call()
  process.kill(process.pid, 'SIGKILL')
  return new Promise<never>(() => {}) // the signal is on its way
})
const { finished } = await runAtprotoWorkers({
  config,
  deps: dying,
  bundle: { codePath: bundlePath },
})
await finished
