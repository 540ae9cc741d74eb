import type { Intent } from '../../../state/mongo/atproto/intents.ts'
import type { Pds, PdsAccount } from '../../../adapters/pds/pds.ts'

/**
 * Finds the account that opens with the password of the person's intent: an earlier attempt of Holdfast created it.
 * Null where there is none.
 */
export async function findAccountByIntent(
  pds: Pick<Pds, 'accountByLogin'>,
  { alias, email, earlierEmails, password }: Intent,
): Promise<PdsAccount | null> {
  const aimedAt = alias === null ? [email] : [alias, email]
  for (const address of [...aimedAt, ...earlierEmails]) {
    const found = await pds.accountByLogin(address, password)
    if (found !== null) return found
  }
  return null
}
