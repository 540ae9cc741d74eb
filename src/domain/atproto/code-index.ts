/** The name of an index that Holdfast creates. */
export const CODE_INDEX = 'code_unique'
/** The maximum number of indexes in a MongoDB collection. */
export const MAX_INDEXES = 64

/** An index of `users` as `listIndexes` describes it, as far as uniqueness of codes depends on it. */
export interface IndexDescription {
  readonly name?: string | undefined
  readonly key: Record<string, unknown>
  readonly unique?: boolean | undefined
  readonly sparse?: boolean | undefined
  readonly partialFilterExpression?: unknown
  readonly expireAfterSeconds?: unknown
}

/** A fault of the indexes on `users.code`. `codeIndexText` has the sentence and the fix of each. */
export type CodeIndexFault =
  /** Its index lets two users have one code. */
  | 'not-unique'
  /** Unique, but a user without a code counts as one too. */
  | 'not-sparse'
  /** Unique among some of the users only. */
  | 'partial'
  /** It accepts no text, so MongoDB refuses every user that has a code. */
  | 'refuses-codes'
  /** No index, and none can be created: some users share a code. */
  | 'duplicates'
  /**
   * No index, and it is not known whether users share a code: there are too many users to search within the time limit.
   */
  | 'not-looked-through'
  /** No index, and none can be created: the collection already has the maximum number. */
  | 'full'
  /** No index, and none can be created: `users` is a view or a time-series collection. */
  | 'unsupported'
  /** No index yet: MongoDB did not finish creating one within the time limit of a call. */
  | 'building'
  /** No index, and MongoDB refused to create one for another reason. */
  | 'refused'

/** The values for the sentence: `index`, `filter`, `type`, `codeName`, `limit`, depending on the fault. */
export type CodeIndexDetail = Readonly<Record<string, string>> & { readonly fault: CodeIndexFault }

export type CodeIndexState =
  /** This index keeps codes unique and refuses no user. */
  | { readonly state: 'equivalent'; readonly name: string }
  /** No index exists, and no obstacle to creating one is known. */
  | { readonly state: 'missing' }
  | {
      readonly state: 'not-equivalent'
      readonly detail: CodeIndexDetail
      /** Whether an index nevertheless keeps codes apart. */
      readonly unique: boolean
    }

/**
 * Assesses the indexes of `users`, whatever their names: only a unique index that ignores users without a code
 * qualifies. (Looking for an index by name is what lost every signup in the former system.)
 */
export function assessCodeIndexes(indexes: readonly IndexDescription[]): CodeIndexState {
  const refusing = indexes.find(({ key }) => key['code'] === '2dsphere')
  if (refusing !== undefined) {
    const detail: CodeIndexDetail = { fault: 'refuses-codes', index: nameOf(refusing), type: '2dsphere' }
    return { state: 'not-equivalent', detail, unique: false }
  }
  const onCode = indexes.filter(({ key }) => Object.keys(key).join() === 'code')
  const found = onCode.map((index) => ({ index, fault: faultOf(index) }))
  const good = found.find(({ fault }) => fault === null)
  if (good !== undefined) return { state: 'equivalent', name: nameOf(good.index) }
  // The index that needs the smallest change.
  for (const fault of ['not-sparse', 'partial', 'not-unique'] as const) {
    const worst = found.find((one) => one.fault === fault)
    if (worst === undefined) continue
    const filter = worst.index.partialFilterExpression
    const detail = {
      fault,
      index: nameOf(worst.index),
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
    }
    return { state: 'not-equivalent', detail, unique: fault === 'not-sparse' }
  }
  if (indexes.length >= MAX_INDEXES)
    return { state: 'not-equivalent', detail: { fault: 'full' }, unique: false }
  return { state: 'missing' }
}

function faultOf({ key, unique, sparse, partialFilterExpression: filter }: IndexDescription) {
  if (unique !== true || typeof key['code'] !== 'number') return 'not-unique'
  if (sparse === true) return null
  if (filter === undefined) return 'not-sparse'
  return coversCodes(filter) ? null : 'partial'
}

/** Whether every user with a code of text matches a partial index's filter, as far as the filter shows. */
function coversCodes(filter: unknown): boolean {
  if (!isObject(filter)) return false
  return Object.entries(filter).every(([field, condition]) => {
    if (field === '$and') return Array.isArray(condition) && condition.every(coversCodes)
    if (field === '$or') return Array.isArray(condition) && condition.some(coversCodes)
    if (field !== 'code' || !isObject(condition)) return false
    return Object.entries(condition).every(([operator, value]) => {
      if (operator === '$exists') return value === true || value === 1
      if (operator === '$type') return [value].flat().some((type) => type === 'string' || type === 2)
      return (operator === '$gt' || operator === '$gte') && value === ''
    })
  })
}

/** Sentence and fix of a fault, the same wherever it is shown. */
export function codeIndexText(
  detail: Readonly<Record<string, string>>,
  system: string,
): { readonly sentence: string; readonly fix: string } {
  const {
    index = 'there is',
    filter = '{…}',
    type = 'view',
    codeName = 'no code',
    limit = 'the time limit',
  } = detail
  const command = `holdfast diagnose ${system} --fix-index`
  const reserved = 'Until then, reservations in Holdfast keep codes unique.'
  switch (detail['fault'] as CodeIndexFault | undefined) {
    case 'not-sparse':
      return {
        sentence: `The unique index ${index} on users.code is not sparse: it rejects a second user without a code.`,
        fix: command,
      }
    case 'partial':
      return {
        sentence: `The unique index ${index} on users.code covers only users that match ${filter}: other users can share a code. ${reserved}`,
        fix: command,
      }
    case 'refuses-codes':
      return {
        sentence: `The index ${index} on users.code has the type ${type}: MongoDB rejects every user whose code is a string.`,
        fix: command,
      }
    case 'duplicates':
      return {
        sentence: `There is no unique index on users.code, and none can be created: some users share a code. ${reserved}`,
        fix: `To list these users, and to create the index once each has its own code: ${command}`,
      }
    case 'not-looked-through':
      return {
        sentence: `There is no unique index on users.code, and it is unknown whether some users share a code: MongoDB did not check all of them within ${limit}. ${reserved}`,
        fix: `To check for longer and create the index: ${command}`,
      }
    case 'full':
      return {
        sentence: `There is no unique index on users.code, and none can be created: users has ${MAX_INDEXES} indexes, the most MongoDB allows. ${reserved}`,
        fix: `Find an unused index, in mongosh: db.users.aggregate([{ $indexStats: {} }, { $sort: { 'accesses.ops': 1 } }, { $limit: 5 }]); drop it: db.users.dropIndex('<name>'); then: ${command}`,
      }
    case 'unsupported':
      return {
        sentence: `users is a ${type}, on which MongoDB cannot create a unique index on users.code. ${reserved}`,
        fix: 'Make users an ordinary collection; the next signup then creates the index.',
      }
    case 'building':
      return {
        sentence: `There is no unique index on users.code yet: MongoDB did not finish building one within the time-out of a call. ${reserved}`,
        fix: `Check whether it is being built, in mongosh: db.currentOp({ 'command.createIndexes': 'users' }); if it is not, create it there, where the call has no time-out: db.users.createIndex({ code: 1 }, { unique: true, sparse: true, name: '${CODE_INDEX}' })`,
      }
    case 'refused':
      return {
        sentence: `There is no unique index on users.code, and MongoDB refused to create one (${codeName}). ${reserved}`,
        fix: `To see MongoDB's answer: ${command}`,
      }
    default:
      return {
        sentence: `The index ${index} on users.code is not unique: two users can have the same code. ${reserved}`,
        fix: command,
      }
  }
}

/** The name for a new index: `code_unique`, or the first like it that no other index has. */
export function freeIndexName(indexes: readonly IndexDescription[]): string {
  const taken = new Set(indexes.map(({ name }) => name))
  let name = CODE_INDEX
  for (let number = 2; taken.has(name); number += 1) name = `${CODE_INDEX}_${number}`
  return name
}

function nameOf(index: IndexDescription): string {
  return index.name ?? 'without a name'
}

/** Whether a signup's notice is about the index on `users.code`. */
export function isIndexNotice(notice: string): boolean {
  return notice.includes('users.code')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
