import type { SignupFilter, SignupPage } from '../client/signup-reader.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { productOf } from '../contracts/database-kind.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { OperationContext } from './context.ts'
import { withCurrentNotices, withStoredRecords } from './deletion-notices.ts'

export interface SignupList extends SignupPage {
  /** Identities of this page that are ignored: left out where the list shows blocked signups. */
  readonly ignored: readonly string[]
  /** Notices about the people of this page; `notices` are about all signups. */
  readonly ofPage: readonly string[]
}

/** One page of signups with their present records, without notices that are no longer true. */
export async function listSignups(
  context: OperationContext,
  filter: SignupFilter,
  { size, next }: { readonly size: number; readonly next?: string | undefined },
): Promise<SignupList> {
  const page = await (await context.reader()).list(filter, { size, next })
  const current = await withCurrentNotices(context)
  const stored = await withStoredRecords(context, await Promise.all(page.signups.map(current)))
  const blockedOnly = filter.blocked === true || filter.problem !== undefined
  const { signups, ignored, notices } = await withoutIgnored(context, stored, blockedOnly)
  // A rate limit is shown in its signup's own row.
  const ofSignups = signups.flatMap(({ notices: theirs, waitingFor }) =>
    theirs.filter((one) => one !== waitingFor?.notice),
  )
  return { ...page, signups, ignored, ofPage: [...new Set([...ofSignups, ...notices])] }
}

/** Removes ignored people from a list of blocked signups. The list itself comes from Temporal and needs no database. */
async function withoutIgnored(
  context: OperationContext,
  signups: readonly SignupStatus[],
  blockedOnly: boolean,
): Promise<Pick<SignupList, 'signups' | 'ignored' | 'notices'>> {
  if (!blockedOnly || signups.length === 0) return { signups, ignored: [], notices: [] }
  try {
    const names = new Set((await (await context.state()).ignored.list()).map(({ identity }) => identity))
    const ignored = signups.filter(({ identity }) => names.has(identity)).map(({ identity }) => identity)
    const notice = `Ignored and not shown: ${ignored.length}. To list them: holdfast ignore ${context.system} --list`
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
      notices: [`${productOf(context.served.state.kind)} does not answer, so ignored people are shown too.`],
    }
  }
}
