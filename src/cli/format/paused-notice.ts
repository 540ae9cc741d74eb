import { productOf } from '../../contracts/database-kind.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { CommandContext } from '../lib/context.ts'
import { relativeTime } from './print.ts'
import type { Pause } from '../../state/ports/switches.ts'

/** The notices that creations or deletions are paused, since when, by whom and why; empty where neither is. */
export async function pausedNotice(context: CommandContext): Promise<string[]> {
  const { system } = context
  try {
    const { switches } = await context.state()
    const [creations, deletions] = await Promise.all([switches.pauseOf(), switches.pauseOf('deletions')])
    const said = ({ since, by, reason }: Pause): string =>
      `paused, ${relativeTime(since)} by ${by}${reason === null ? '' : ` (${reason})`}`
    return [
      ...(creations === null
        ? []
        : [
            `${system} is ${said(creations)}: nothing is created or repaired. To resume: holdfast resume ${system}`,
          ]),
      ...(deletions === null
        ? []
        : [
            `Deletions of ${system} are ${said(deletions)}. To resume: holdfast resume ${system} --deletions`,
          ]),
    ]
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return [
      `${productOf(context.served.state.kind)} does not answer, so it is unknown whether the system is paused.`,
    ]
  }
}
