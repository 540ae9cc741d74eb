import type { Db } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { inMongo } from './errors.ts'
import type { NamedPerson } from './person-stores.ts'

const COLLECTION = 'holdfast_quarantine'

interface SealedEntry {
  _id: string
  tenant: string
  content: string
}

/** An entry that names a person, its content opened. */
export interface NamingEntry extends SealedEntry {
  readonly [field: string]: unknown
}

export interface QuarantineOf {
  find(person: NamedPerson): Promise<NamingEntry[]>
  /** Drops the entries that name the person; returns how many. */
  drop(person: NamedPerson): Promise<number>
}

/**
 * The entries of the quarantine that name a person. What could not be read has no field to ask for, so each entry of
 * the tenant is opened. One that no key opens any longer names nobody to anybody: it is passed over.
 */
export function createQuarantineOf(db: Db, keyring: Keyring): QuarantineOf {
  const quarantine = db.collection<SealedEntry>(COLLECTION)

  const opened = ({ _id, content }: SealedEntry): string | null => {
    try {
      return keyring.open(content, { collection: COLLECTION, person: _id, field: 'content' })
    } catch (error) {
      if (error instanceof OutsideError && error.problem === 'seal-broken') return null
      throw error
    }
  }

  const find: QuarantineOf['find'] = ({ tenant, userId }) =>
    inMongo(COLLECTION, 'find', async () => {
      const naming: NamingEntry[] = []
      for await (const entry of quarantine.find({ tenant })) {
        const content = opened(entry)
        if (content !== null && names(content, userId)) naming.push({ ...entry, content })
      }
      return naming
    })

  return {
    find,
    async drop(person) {
      const ids = (await find(person)).map(({ _id }) => _id)
      if (ids.length === 0) return 0
      const { deletedCount } = await inMongo(COLLECTION, 'delete', () =>
        quarantine.deleteMany({ _id: { $in: ids } }),
      )
      return deletedCount
    },
  }
}

/** `auth0|12` is not named by `auth0|123`. */
function names(content: string, userId: string): boolean {
  for (let at = content.indexOf(userId); at >= 0; at = content.indexOf(userId, at + 1)) {
    if (!/[\w|.-]/.test(content.charAt(at + userId.length))) return true
  }
  return false
}
