import { createIgnored } from '../adapters/mongo/ignored.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { CommandContext } from './context.ts'

interface Apart {
  readonly signups: readonly SignupStatus[]
  /** Identities of this page that are ignored: left out where the list is of troubles. */
  readonly ignored: readonly string[]
  readonly notices: readonly string[]
}

/** Takes those who are ignored out of a list of troubles. The list itself comes from Temporal and needs no MongoDB. */
export async function listIgnored(
  context: CommandContext,
  system: string,
  signups: readonly SignupStatus[],
  troubled: boolean,
): Promise<Apart> {
  if (!troubled || signups.length === 0) return { signups, ignored: [], notices: [] }
  try {
    const names = new Set(
      (await createIgnored(context.mongo().db).list(system)).map(({ identity }) => identity),
    )
    const ignored = signups.filter(({ identity }) => names.has(identity)).map(({ identity }) => identity)
    const notice = `Left out, because ignored: ${ignored.length}. To see who: holdfast ignore ${system} --list`
    return {
      signups: signups.filter(({ identity }) => !names.has(identity)),
      ignored,
      notices: ignored.length === 0 ? [] : [notice],
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { signups, ignored: [], notices: ['MongoDB cannot say who is ignored: everybody is shown.'] }
  }
}
