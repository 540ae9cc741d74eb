import { followSignups } from '../client/follow.ts'
import { EXIT } from '../entry.ts'
import type { CommandContext } from './context.ts'

/** Prints each change as it happens, a line or a JSON document a line, until Ctrl-C. */
export async function printChanges(context: CommandContext, json: boolean): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  for await (const status of followSignups(await context.temporal(), ending.signal)) {
    const at = new Date().toISOString()
    const { identity, tenant, stage, code, problem } = status
    const line = json
      ? JSON.stringify({ at, ...status })
      : [at, stage.padEnd(24), `${identity} (${tenant})`, code ?? '', problem?.name ?? '']
          .join('  ')
          .trimEnd()
    process.stdout.write(`${line}\n`)
  }
  return EXIT.done
}
