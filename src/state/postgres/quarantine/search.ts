import { setImmediate as turn } from 'node:timers/promises'
import { sql, type Selectable } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import type { Keyring } from '../../../crypto/keyring.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import {
  namesPerson,
  openOrNull,
  UNOPENED,
  type MentionedPerson,
  type QuarantineMatches,
  type QuarantineSearch,
} from '../../lib/quarantined-entries.ts'
import type { StateDb, StateTables } from '../tables.ts'
import { placeOfContent, QUARANTINE as TABLE } from './place.ts'

/** The number of entries without hashes that are read at a time: each may have megabytes. */
const PAGE = 50

/** An entry that names a person, with its content decrypted. */
export type MatchingEntry = Selectable<StateTables['holdfast.quarantine']>

/**
 * The quarantined entries that name a person, found by the stored hashes of every id and address in them. An entry
 * without hashes, since it has too many names, is decrypted, and all its ids and addresses are compared. Expired
 * entries are found until they are deleted.
 */
export function createQuarantineSearch(
  db: StateDb,
  system: System,
  keyring: Keyring,
  hash: (value: string) => string,
): QuarantineSearch<MatchingEntry> {
  const opened = ({ id, content }: MatchingEntry): string | null =>
    openOrNull(keyring, content, placeOfContent(id))
  const ofTenant = (tenant: string) =>
    db
      .selectFrom('holdfast.quarantine')
      .selectAll()
      .where('system', '=', system)
      .where('tenant', '=', tenant)
      .orderBy('id')

  const withHashes = async ({ tenant, mentions }: MentionedPerson): Promise<MatchingEntry[]> => {
    const naming = sql<boolean>`mentions && ${[...mentions]}::text[]`
    const found = await ofTenant(tenant).where(naming).execute()
    return found.map((entry) => ({ ...entry, content: opened(entry) ?? UNOPENED }))
  }

  const withoutHashes = async (person: MentionedPerson): Promise<QuarantineMatches<MatchingEntry>> => {
    const all = ofTenant(person.tenant).where('mentions', 'is', null).limit(PAGE)
    const matching: MatchingEntry[] = []
    let unreadable = 0
    let after = ''
    for (;;) {
      const page = await all.where('id', '>', after).execute()
      for (const entry of page) {
        const content = opened(entry)
        if (content === null) unreadable += 1
        else if (namesPerson(content, person, hash)) matching.push({ ...entry, content })
        after = entry.id
        await turn() // a decrypted entry may contain many thousand names
      }
      if (page.length < PAGE) return { matching, unreadable }
    }
  }

  const find: QuarantineSearch<MatchingEntry>['find'] = (person) =>
    callPostgres(TABLE, 'find', async () => {
      const hashed = await withHashes(person)
      const { matching, unreadable } = await withoutHashes(person)
      return { matching: [...hashed, ...matching], unreadable }
    })

  return {
    find,
    async remove(person) {
      const ids = (await find(person)).matching.map(({ id }) => id)
      if (ids.length === 0) return 0
      return callPostgres(TABLE, 'delete', async () => {
        const { numAffectedRows = 0n } = await sql`
          delete from holdfast.quarantine where system = ${system} and id = any(${ids}::text[])`.execute(db)
        return Number(numAffectedRows)
      })
    },
  }
}
