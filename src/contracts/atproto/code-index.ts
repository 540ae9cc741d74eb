import type { OperatorText, TextDetail } from '../words.ts'

/** The name of an index that Holdfast creates. */
export const CODE_INDEX = 'code_unique'
/** The maximum number of indexes in a MongoDB collection. */
export const MAX_INDEXES = 64

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

/** Sentence and fix of a fault, the same wherever it is shown. */
export function codeIndexText(detail: TextDetail, system: string): OperatorText {
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

/** Whether a signup's notice is about the index on `users.code`. */
export function isIndexNotice(notice: string): boolean {
  return notice.includes('users.code')
}
