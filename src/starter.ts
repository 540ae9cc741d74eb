import { runCommandProcess } from './cli/process.ts'
import { runEntry } from './entry.ts'

/** Entry: the `holdfast` command. */
await runEntry(() => runCommandProcess())
