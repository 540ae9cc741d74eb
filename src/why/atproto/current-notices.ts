import { createCodeIndex } from '../../adapters/mongo/code-index.ts'
import { isIndexNotice } from '../../contracts/atproto/code-index.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { databaseOf } from './database.ts'
import type { PersonContext } from '../one-person.ts'
import type { SignupStatus } from '../../contracts/signup.ts'

/**
 * A signup keeps its notice about the index on `users.code`, a completed one permanently. This removes such notices
 * once the index is right. Queries the database only where there is such a notice; if it does not answer, all stay.
 */
export function createCodeNotices(
  context: Pick<PersonContext, 'state'>,
): (status: SignupStatus) => Promise<SignupStatus> {
  let equivalent: Promise<boolean> | null = null
  return async (status) => {
    if (!status.notices.some(isIndexNotice)) return status
    equivalent ??= keepsCodesApart(context)
    if (!(await equivalent)) return status
    return { ...status, notices: status.notices.filter((notice) => !isIndexNotice(notice)) }
  }
}

async function keepsCodesApart(context: Pick<PersonContext, 'state'>): Promise<boolean> {
  try {
    return (await createCodeIndex(await databaseOf(context)).assess()).state === 'equivalent'
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return false
  }
}
