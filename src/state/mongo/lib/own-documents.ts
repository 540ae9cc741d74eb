import type { System } from '../../../contracts/systems.ts'
import { wasServedAlone } from '../../../contracts/vocabulary.ts'

/** How the documents of one system are told from those of other systems in the same collection. */
export interface OwnDocuments {
  readonly system: System
  /** The `_id` of the document with this name, which another system may use too. */
  idOf(name: string): string
  /** The inverse of `idOf`. */
  nameOf(id: string): string
  /** The part of each query that matches no other system's documents. */
  readonly own: { readonly system: { readonly $in: (System | null)[] } }
}

/**
 * `<system>/<name>` as `_id`; the name alone for a system that was served before several could share a database, as in
 * the documents of that time, which need not carry their system either.
 */
export function ownDocuments(system: System): OwnDocuments {
  const alone = wasServedAlone(system)
  const prefix = alone ? '' : `${system}/`
  return {
    system,
    idOf: (name) => prefix + name,
    nameOf: (id) => id.slice(prefix.length),
    own: { system: { $in: alone ? [system, null] : [system] } },
  }
}
