import type { EncryptionContext, Keyring } from '../../crypto/keyring.ts'
import { mentionsIn } from '../../domain/events/mentions.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { NamedPerson } from '../../contracts/systems.ts'
import type { DailyQuota, UnreadableEntry } from '../ports/quarantine.ts'

/** A person with the keyed hashes of their names: ids and addresses. */
export interface MentionedPerson extends NamedPerson {
  readonly mentions: readonly string[]
}

/** Shown instead of the content of an entry that no key decrypts. */
export const UNOPENED = '(no key opens this entry)'

type Hash = (value: string) => string

/** The id of an entry: the same content of a tenant is the same entry. */
export function entryIdOf(
  system: string,
  { tenant, content, original = null }: UnreadableEntry,
  hash: Hash,
): string {
  const rest = original === null ? '' : `/${original.sha256}`
  return hash(`${system}/${tenant}/${content}${rest}`).slice(0, 24)
}

/** Keyed hashes of all names in a content; null where there are too many. */
export function mentionHashes(content: string, hash: Hash): string[] | null {
  const { strings, complete } = mentionsIn(content)
  return complete ? strings.map(hash) : null
}

/** The content of an entry; null where no key decrypts it. */
export function openOrNull(keyring: Keyring, sealed: string, place: EncryptionContext): string | null {
  try {
    return keyring.open(sealed, place)
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken') return null
    throw error
  }
}

/** Whether a content names the person: by the id alone, or by one of the names. */
export function namesPerson(content: string, { userId, mentions }: MentionedPerson, hash: Hash): boolean {
  if (mentionsId(content, userId)) return true
  const wanted = new Set(mentions)
  return mentionsIn(content, Number.POSITIVE_INFINITY).strings.some((name) => wanted.has(hash(name)))
}

/** An entry with `auth0|123` does not name `auth0|12`. */
function mentionsId(content: string, userId: string): boolean {
  for (let at = content.indexOf(userId); at >= 0; at = content.indexOf(userId, at + 1)) {
    if (!/[\w|.-]/.test(content.charAt(at + userId.length))) return true
  }
  return false
}

/** The number of entries, given by their sizes, that fit into the rest of the quota, from the first on. */
export function fitting(sizes: readonly number[], left: DailyQuota): number {
  let bytes = 0
  const tooMany = sizes.findIndex((size, index) => {
    bytes += size
    return index >= left.entries || bytes > left.bytes
  })
  return tooMany < 0 ? sizes.length : tooMany
}

/** The entries that name a person. */
export interface QuarantineMatches<Entry> {
  readonly matching: readonly Entry[]
  /** The number of entries that cannot be searched: no hashes were stored, and no key decrypts them. */
  readonly unreadable: number
}

/** A search of the quarantine by the person whom entries name; the form of an entry is the database's. */
export interface QuarantineSearch<Entry> {
  find(person: MentionedPerson): Promise<QuarantineMatches<Entry>>
  /** Deletes the entries that name the person; returns how many. */
  remove(person: MentionedPerson): Promise<number>
}
