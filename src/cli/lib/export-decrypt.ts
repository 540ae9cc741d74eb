import { isSealed, keyIdOf, type Keyring } from '../../crypto/keyring.ts'

type Documents = readonly Readonly<Record<string, unknown>>[]

/** Fields shown only on request, encrypted or not. */
const SECRETS = new Set(['password', 'inviteCode'])
const WITHHELD = '(withheld: pass --secrets)'

export interface DecryptedExport {
  readonly application: Record<string, Documents>
  readonly holdfast: Record<string, Documents>
  /** The keys that decrypted the shown values; `opened`: the number of those values. */
  readonly keyIds: readonly string[]
  readonly opened: number
}

/** The documents of a person's stores, decrypted; secrets only on request. */
export function decryptExport(
  stores: Readonly<Record<string, Documents>>,
  { keyring, person, secrets }: { keyring: Keyring; person: string; secrets: boolean },
): DecryptedExport {
  const keys: string[] = []
  const opened = (collection: string, path: readonly string[], value: unknown): unknown => {
    const field = path.at(-1) ?? ''
    if (SECRETS.has(field) && !secrets && value !== null) return WITHHELD
    if (Array.isArray(value)) return value.map((item) => opened(collection, path, item))
    if (isPlain(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, opened(collection, [...path, name], inner)]),
      )
    }
    if (typeof value !== 'string' || !isSealed(value)) return value
    const plain = keyring.open(value, { collection, person, field: SEALED_AS.get(field) ?? path.join('.') })
    keys.push(keyIdOf(value) ?? '')
    return plain
  }
  const part = (own: boolean): Record<string, Documents> =>
    Object.fromEntries(
      Object.entries(stores)
        .filter(([collection]) => isOurs(collection) === own)
        .map(([collection, documents]) => [
          collection,
          documents.map((document) => opened(collection, [], document) as Documents[number]),
        ]),
    )
  return {
    application: part(false),
    holdfast: part(true),
    keyIds: [...new Set(keys)],
    opened: keys.length,
  }
}

/** A collection, or a table with its schema. */
function isOurs(store: string): boolean {
  return store.startsWith('holdfast_') || store.startsWith('holdfast.')
}

/** Earlier addresses are sealed with the context of the address field. */
const SEALED_AS = new Map([['earlierEmails', 'email']])

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
