import { runEntry } from './entry.ts'
import { runServerProcess } from './http/process.ts'

/** Entry: the HTTP server of the systems in HOLDFAST_SYSTEMS. */
await runEntry(runServerProcess)
