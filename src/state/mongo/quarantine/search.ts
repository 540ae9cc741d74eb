import type { NamedPerson, System } from '../../../contracts/systems.ts'
import { setImmediate as turn } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type { Keyring } from '../../../crypto/keyring.ts'
import { mentionsIn } from '../../../domain/events/mentions.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
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

/** A person with the keyed hashes of their names: ids and addresses. */
export interface MentionedPerson extends NamedPerson {
  readonly mentions: readonly string[]
}

export interface QuarantineMatches {
  readonly matching: readonly MatchingEntry[]
  /** The number of entries that cannot be searched: no hashes were stored, and no key decrypts them. */
  readonly unreadable: number
}

export interface QuarantineSearch {
  find(person: MentionedPerson): Promise<QuarantineMatches>
  /** Deletes the entries that name the person; returns how many. */
  remove(person: MentionedPerson): Promise<number>
}

const UNOPENED = '(no key opens this entry)'

/**
 * The quarantined entries that name a person, found by the stored hashes of every id and address in them. An entry
 * without hashes, such as one with too many names, is decrypted, and all its ids and addresses are compared.
 */
export function createQuarantineSearch(
  db: Db,
  system: System,
  keyring: Keyring,
  hash: (value: string) => string,
): QuarantineSearch {
  const quarantine = db.collection<SealedEntry>(COLLECTION)
  const { own } = ownDocuments(system)

  const opened = ({ _id, content }: SealedEntry): string | null => {
    try {
      return keyring.open(content, { collection: COLLECTION, person: _id, field: 'content' })
    } catch (error) {
      if (error instanceof OutsideError && error.problem === 'seal-broken') return null
      throw error
    }
  }

  const find: QuarantineSearch['find'] = ({ tenant, userId, mentions }) =>
    callMongo(COLLECTION, 'find', async () => {
      const matching: MatchingEntry[] = []
      let unreadable = 0
      const wanted = new Set(mentions)
      const mentioned = (content: string): boolean =>
        mentionsIn(content, Number.POSITIVE_INFINITY).strings.some((name) => wanted.has(hash(name)))
      const either = [{ mentions: { $in: [...mentions] } }, { mentions: { $exists: false } }]
      for await (const entry of quarantine.find({ ...own, tenant, $or: either })) {
        const content = opened(entry)
        if (entry.mentions !== undefined) matching.push({ ...entry, content: content ?? UNOPENED })
        else if (content === null) unreadable += 1
        else {
          if (mentionsId(content, userId) || mentioned(content)) matching.push({ ...entry, content })
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

/** An entry with `auth0|123` does not name `auth0|12`. */
function mentionsId(content: string, userId: string): boolean {
  for (let at = content.indexOf(userId); at >= 0; at = content.indexOf(userId, at + 1)) {
    if (!/[\w|.-]/.test(content.charAt(at + userId.length))) return true
  }
  return false
}
