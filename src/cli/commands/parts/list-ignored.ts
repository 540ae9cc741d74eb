import type { SignupStatus } from '../../../contracts/signup.ts'
import type { System } from '../../../contracts/systems.ts'
import { productOf } from '../../../contracts/state-home.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import type { CommandContext } from '../../lib/context.ts'

interface ListedSignups {
  readonly signups: readonly SignupStatus[]
  /** Identities of this page that are ignored: left out where the list shows blocked signups. */
  readonly ignored: readonly string[]
  readonly notices: readonly string[]
}

/** Removes ignored people from a list of blocked signups. The list itself comes from Temporal and needs no database. */
export async function listIgnored(
  context: CommandContext,
  system: System,
  signups: readonly SignupStatus[],
  blockedOnly: boolean,
): Promise<ListedSignups> {
  if (!blockedOnly || signups.length === 0) return { signups, ignored: [], notices: [] }
  try {
    const names = new Set((await (await context.state()).ignored.list()).map(({ identity }) => identity))
    const ignored = signups.filter(({ identity }) => names.has(identity)).map(({ identity }) => identity)
    const notice = `Ignored and not shown: ${ignored.length}. To list them: holdfast ignore ${system} --list`
    return {
      signups: signups.filter(({ identity }) => !names.has(identity)),
      ignored,
      notices: ignored.length === 0 ? [] : [notice],
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return {
      signups,
      ignored: [],
      notices: [`${productOf(context.served.state.home)} does not answer, so ignored people are shown too.`],
    }
  }
}
