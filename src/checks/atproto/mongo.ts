import pMap from 'p-map'
import { createMongoSetup, type MongoRights, type MongoSetup } from '../../adapters/mongo/setup.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import {
  expiryStatement,
  grantStatement,
  missingPrivileges,
  NEEDED_PRIVILEGES,
  superfluousRights,
} from '../../domain/atproto/mongo-role.ts'
import type { Check, CheckResult } from '../check.ts'
import type { AtprotoCheckContext } from './context.ts'

/** Transactions in flight at once. */
const AT_ONCE = 4
/** The actions that `tryWrites` tries on a collection. */
const TRIED = ['insert', 'update', 'remove']

export function mongoChecks(context: AtprotoCheckContext): Check[] {
  const setup = async (): Promise<MongoSetup> => {
    const { client, db } = await context.mongo()
    return createMongoSetup(client, db)
  }
  return [
    { name: 'mongo-rights', run: async () => rights(await setup(), context.section('mongo').db) },
    { name: 'mongo-code-index', run: async () => codeIndex(await setup()) },
    {
      name: 'mongo-actions-index',
      run: async () => actionsIndex(await setup(), context.section('mongo').db),
    },
  ]
}

/** The rights of our user as the server reports them, and as test writes show, which are rolled back. */
async function rights(setup: MongoSetup, db: string): Promise<CheckResult> {
  const held = await setup.rights()
  const missing = held.loggedIn ? missingPrivileges(held.privileges, db) : new Map<string, string[]>()
  const written = Object.entries(NEEDED_PRIVILEGES).filter(([, actions]) => actions.includes('insert'))
  const tried = await pMap(
    written,
    async ([collection, actions]) => ({ collection, answer: await setup.tryWrites(collection, actions) }),
    { concurrency: AT_ONCE },
  )
  for (const { collection, answer } of tried)
    if (answer === 'denied' && !missing.has(collection))
      missing.set(
        collection,
        TRIED.filter((action) => NEEDED_PRIVILEGES[collection]?.includes(action)),
      )
  const role = roleToGrant(held, db)
  const beyond = superfluousRights(
    { roles: held.roles.map((one) => one.role), privileges: held.privileges },
    db,
  )
  return {
    findings: [
      ...[...missing].map(([collection, actions]) =>
        checkFinding('atproto', 'mongo-privilege-missing', {
          collection,
          actions: actions.join(', '),
          grant: grantStatement(db, role, collection, actions),
        }),
      ),
      ...(tried.some(({ answer }) => answer === 'no-transactions')
        ? [checkFinding('atproto', 'mongo-without-transactions')]
        : []),
    ],
    notices: [
      ...(held.loggedIn || held.loopbackOnly ? [] : [checkFinding('atproto', 'mongo-without-login')]),
      ...(beyond.length === 0
        ? []
        : [checkFinding('atproto', 'mongo-privileges-superfluous', { rights: beyond.join('; ') })]),
    ],
    facts: [
      `writes tried and rolled back in ${tried.filter(({ answer }) => answer === 'ok').length} collections`,
      ...(held.loopbackOnly ? ['requires no login, and listens only on this machine'] : []),
    ],
  }
}

/** MongoDB's own roles cannot be changed; a role made for Holdfast can. */
function roleToGrant({ roles }: MongoRights, db: string): string {
  const builtIn = /^(?:read|readWrite|dbAdmin|dbOwner|userAdmin|root|cluster|backup|restore|atlas)/
  return roles.find((one) => one.db === db && !builtIn.test(one.role))?.role ?? 'holdfast'
}

async function codeIndex(setup: MongoSetup): Promise<CheckResult> {
  const found = await setup.codeIndex()
  if (found.state === 'equivalent') return { facts: [`${found.name} keeps user codes unique`] }
  if (found.state === 'missing') return { notices: [checkFinding('atproto', 'index-missing')] }
  return { findings: [checkFinding('atproto', 'index-not-equivalent', found.detail)] }
}

async function actionsIndex(setup: MongoSetup, db: string): Promise<CheckResult> {
  if (await setup.actionsExpire()) return { facts: ["the record of operators' actions expires"] }
  return { notices: [checkFinding('atproto', 'actions-index-missing', { statement: expiryStatement(db) })] }
}
