import { dirname } from 'node:path'
import { terminalProgress } from './servers/lib/progress.ts'
import { temporalServerPrograms } from './servers/temporal/server-binary.ts'

// Builds Temporal's server into the cache, where the tests on Postgres find it.
const { server } = await temporalServerPrograms({ build: true, progress: terminalProgress() })
process.stdout.write(`Temporal's server for Postgres: ${dirname(server)}\n`)
