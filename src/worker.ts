import { runEntry } from './entry.ts'
import { runWorkerProcess } from './worker/process.ts'

/** Entry: a worker for the systems in HOLDFAST_SYSTEMS. */
await runEntry(() => runWorkerProcess())
