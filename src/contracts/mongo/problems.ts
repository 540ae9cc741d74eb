import type { ProblemWord } from '../words.ts'
import { byItself, retryOne } from '../shared/phrases.ts'

/** Problems of MongoDB, for every system that stores its records, or Holdfast's own, there. */
export const MONGO_PROBLEMS = {
  'mongo-unreachable': {
    sentence: () => 'MongoDB does not answer.',
    fix: () => `Bring MongoDB back, or correct MONGODB_URI. ${byItself}.`,
    quickTry: true,
    triedBy: { checks: /^mongo$/, settings: /^MONGODB_/ },
    severity: 'critical',
  },
  'mongo-throttled': {
    sentence: ({ detail }) =>
      `MongoDB throttles the operation ${detail['action'] ?? 'write'} on ${detail['collection'] ?? 'a collection'} (${detail['codeName'] ?? 'no code'}).`,
    fix: () =>
      `Raise the limit of the plan behind MONGODB_URI, or find what uses it up. ${byItself}, at growing intervals.`,
    quickTry: true,
  },
  'mongo-slow': {
    sentence: ({ detail }) =>
      `MongoDB did not finish the operation ${detail['action'] ?? 'query'} on ${detail['collection'] ?? 'a collection'} within ${detail['limit'] ?? 'its time-out'}.`,
    fix: ({ detail }) =>
      (detail['field'] === undefined
        ? ''
        : `Create an index for it, in mongosh: db.${detail['collection'] ?? '<collection>'}.createIndex({ '${detail['field']}': 1 }, { sparse: true }). `) +
      `To see what keeps MongoDB busy, in mongosh: db.currentOp({ active: true, secs_running: { $gt: 5 } }); stop that operation, or run the command at a quieter time. ${byItself}.`,
  },
  'mongo-denied': {
    sentence: ({ detail }) =>
      `The MongoDB user of Holdfast lacks the privilege ${detail['action'] ?? 'write'} on ${detail['collection'] ?? 'the database'}.`,
    fix: ({ detail }) =>
      `Grant it: ${detail['grant'] ?? 'the readWrite role on MONGODB_DB to the user of MONGODB_URI'}. ${byItself}.`,
    triedBy: { checks: /^mongo(-rights)?$/, settings: /^MONGODB_/ },
    severity: 'high',
  },
  'mongo-refused': {
    sentence: ({ detail }) =>
      `MongoDB refused a write to ${detail['collection'] ?? 'a collection'} (${detail['codeName'] ?? 'no code'}).`,
    fix: (context) =>
      `Check the validators and indexes of that collection and correct them, then: ${retryOne(context)}`,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
