/** Identities after `after`, up to and including `upTo`; to the end when that is null. */
export interface IdRange {
  readonly after: string
  readonly upTo: string | null
}
