import { followSignups } from '../../../client/follow-signups.ts'
import { EXIT } from '../../../errors.ts'
import { printable } from '../../../domain/text/printable.ts'
import type { CommandContext } from '../../lib/context.ts'
import { withStoredRecords } from '../../../operations/deletion-notices.ts'
import { printJsonLine, printLines } from '../../format/output.ts'

/**
 * Prints each change as it happens, as a line or as a JSON document per line, until Ctrl-C. A completed signup is shown
 * with its present records, and with a notice where they are missing.
 */
export async function printChanges(context: CommandContext, json: boolean): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  for await (const change of followSignups(await context.temporal(), context.system, ending.signal)) {
    const [status = change] = await withStoredRecords(context, [change])
    const at = new Date().toISOString()
    const { identity, tenant, stage, code, problem } = status
    const cells = [at, stage.padEnd(24), `${identity} (${tenant})`, code ?? '', problem?.name ?? '']
    if (status !== change) cells.push(status.notices.at(-1) ?? '')
    if (json) printJsonLine({ at, ...status })
    else printLines(printable(cells.join('  ').trimEnd()))
  }
  return EXIT.done
}
