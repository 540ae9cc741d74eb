import { SHARED_CHECKS } from '../shared/checks.ts'
import type { CheckWord } from '../words.ts'

/** Findings of `check` about MongoDB, for every system that stores its records, or Holdfast's own, there. */
export const MONGO_CHECKS = {
  'server-not-ready': {
    ...SHARED_CHECKS['server-not-ready'],
    fix: () =>
      'It cannot reach Temporal or MongoDB: check its log, and its TEMPORAL_ADDRESS and MONGODB_URI.',
  },
  'connection-unencrypted': {
    ...SHARED_CHECKS['connection-unencrypted'],
    fix: ({ variable }) => `Enable TLS: ${variable ?? 'tls=true in MONGODB_URI, or TEMPORAL_TLS=true'}`,
  },
  'values-in-clear': {
    ...SHARED_CHECKS['values-in-clear'],
    sentence: ({ count, places }) =>
      `${count ?? 'Some'} values that must be encrypted are stored in plain text (${places ?? 'in MongoDB'}).`,
  },
  'mongo-login-refused': {
    sentence: () => 'MongoDB refuses the login of MONGODB_URI.',
    fix: () =>
      'Correct user, password and authSource in MONGODB_URI; deploy/mongo/role.js creates the role that this user needs.',
  },
  'mongo-without-transactions': {
    sentence: () => 'MongoDB runs without a replica set, so it has no transactions.',
    fix: () =>
      'Start mongod with --replSet rs0, run rs.initiate in mongosh, and name the set in MONGODB_URI (?replicaSet=rs0).',
  },
  'mongo-privilege-missing': {
    sentence: ({ collection, actions }) =>
      `The MongoDB user of Holdfast lacks the privilege ${actions ?? 'it needs'} on the collection ${collection ?? '<collection>'}.`,
    fix: ({ grant }) => `In mongosh, as an administrator: ${grant ?? 'db.grantPrivilegesToRole(…)'}`,
  },
  'mongo-privileges-superfluous': {
    sentence: ({ rights }) =>
      `The MongoDB user of Holdfast has more privileges than it needs: ${rights ?? 'root'}.`,
    fix: () => 'Create a user that has only the role in deploy/mongo/role.js, and put it into MONGODB_URI.',
  },
  'mongo-without-login': {
    sentence: () => 'MongoDB requires no login, and other machines may be able to reach it.',
    fix: () =>
      'Enable access control, and put a user with the role in deploy/mongo/role.js into MONGODB_URI.',
  },
  'actions-index-missing': {
    sentence: () =>
      "The record of operators' actions is kept without limit instead of 400 days: holdfast_actions has no TTL index on expiresAt.",
    fix: ({ statement }) =>
      `Run deploy/mongo/role.js again, or in mongosh, as an administrator: ${statement ?? "db.getCollection('holdfast_actions').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })"}`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>

/** Problems of MongoDB that are findings of `check`, too. */
export const MONGO_PROBLEMS_OF_CHECKS = ['mongo-unreachable', 'mongo-denied', 'mongo-refused'] as const
