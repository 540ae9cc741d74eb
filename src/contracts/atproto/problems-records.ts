import type { ProblemWord } from '../words.ts'
import { byItself, retryOne } from '../shared/phrases.ts'
import { codeIndexText } from './code-index.ts'

/** Problems of the application's records in MongoDB. */
export const RECORD_PROBLEMS = {
  'index-not-equivalent': {
    sentence: ({ detail, system }) => codeIndexText(detail, system).sentence,
    fix: ({ detail, system }) => codeIndexText(detail, system).fix,
  },
  'index-refuses-user': {
    sentence: ({ detail }) =>
      `The unique index ${detail['index'] ?? 'on another field'} on users refuses this record: another user has the same ${detail['fields'] ?? 'value'}, or both lack it.`,
    fix: ({ detail }) =>
      `Exclude users without that field from the index (make it sparse or partial), or drop it, in mongosh: db.users.dropIndex('${detail['index'] ?? '<name>'}'). ${byItself}.`,
  },
  'code-not-text': {
    sentence: ({ detail }) =>
      `The user's code has the type ${detail['type'] ?? 'unknown'}; it must be a string. Holdfast does not overwrite it.`,
    fix: (context) =>
      `Correct it in the application, or remove it so that Holdfast generates a new one, in mongosh: db.users.updateOne({ _id: ${context.many === undefined ? JSON.stringify(context.identity) : "'<id>'"} }, { $unset: { code: '' } }); then: ${retryOne(context)}`,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
