import type { PersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import type { PdsReader } from '../../adapters/pds/reader.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'

/** Most accounts checked in one run of `watch`. */
const MOST = 100

/**
 * The alert for accounts that have a person's code and address and were not adopted, as long as the PDS serves them and
 * no record names them: an operator has to find out who created them.
 */
export async function notAdopted({
  people,
  pds,
  ignored,
}: {
  readonly people: Pick<PersonMemory, 'strangers' | 'forgetStranger' | 'belongsToAnother' | 'loadWithUser'>
  readonly pds: Pick<PdsReader, 'account'>
  readonly ignored: () => Promise<ReadonlySet<string>>
}): Promise<AlertFinding[]> {
  const noted = await people.strangers({ limit: MOST })
  if (noted.length === 0) return []
  const leftOut = await ignored()
  const there: typeof noted = []
  for (const stranger of noted) {
    const { did } = stranger
    const account = await pds.account(did)
    const { user } = await people.loadWithUser(stranger.identity)
    const owned = user?.atproto?.did === did || (await people.belongsToAnother(stranger.identity, did))
    if (account?.active !== true || owned) await people.forgetStranger(stranger)
    else if (!leftOut.has(stranger.identity)) there.push(stranger)
  }
  const [first] = there.toSorted((one, other) => one.since.getTime() - other.since.getTime())
  if (first === undefined) return []
  const since = first.since.toISOString()
  return [{ name: 'account-not-adopted', count: there.length, since, detail: { did: first.did } }]
}
