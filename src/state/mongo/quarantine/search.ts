import type { System } from '../../../contracts/systems.ts'
import { setImmediate as turn } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type { Keyring } from '../../../crypto/keyring.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { namesPerson, openOrNull, UNOPENED, type QuarantineSearch } from '../../lib/quarantined-entries.ts'
import { ownDocuments } from '../lib/own-documents.ts'

const COLLECTION = 'holdfast_quarantine'

interface SealedEntry {
  _id: string
  system?: System | null
  tenant: string
  content: string
  mentions?: string[]
}

/** An entry that names a person, with its content decrypted. */
export interface MatchingEntry extends SealedEntry {
  readonly [field: string]: unknown
}

/**
 * The quarantined entries that name a person, found by the stored hashes of every id and address in them. An entry
 * without hashes, such as one with too many names, is decrypted, and all its ids and addresses are compared.
 */
export function createQuarantineSearch(
  db: Db,
  system: System,
  keyring: Keyring,
  hash: (value: string) => string,
): QuarantineSearch<MatchingEntry> {
  const quarantine = db.collection<SealedEntry>(COLLECTION)
  const { own } = ownDocuments(system)

  const opened = ({ _id, content }: SealedEntry): string | null =>
    openOrNull(keyring, content, { collection: COLLECTION, person: _id, field: 'content' })

  const find: QuarantineSearch<MatchingEntry>['find'] = (person) =>
    callMongo(COLLECTION, 'find', async () => {
      const matching: MatchingEntry[] = []
      let unreadable = 0
      const { tenant, mentions } = person
      const either = [{ mentions: { $in: [...mentions] } }, { mentions: { $exists: false } }]
      for await (const entry of quarantine.find({ ...own, tenant, $or: either })) {
        const content = opened(entry)
        if (entry.mentions !== undefined) matching.push({ ...entry, content: content ?? UNOPENED })
        else if (content === null) unreadable += 1
        else {
          if (namesPerson(content, person, hash)) matching.push({ ...entry, content })
          await turn() // a decrypted entry may contain many thousand names
        }
      }
      return { matching, unreadable }
    })

  return {
    find,
    async remove(person) {
      const ids = (await find(person)).matching.map(({ _id }) => _id)
      if (ids.length === 0) return 0
      const { deletedCount } = await callMongo(COLLECTION, 'delete', () =>
        quarantine.deleteMany({ _id: { $in: ids } }),
      )
      return deletedCount
    },
  }
}
