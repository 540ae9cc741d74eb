import pMap from 'p-map'
import { createMongoSetup, type MongoRights, type MongoSetup } from '../adapters/mongo/setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import {
  grantStatement,
  missingPrivileges,
  NEEDED_PRIVILEGES,
  superfluousRoles,
} from '../domain/mongo-role.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { orLoginRefused } from './login-refused.ts'

/** Transactions under way at once. */
const AT_ONCE = 4
/** What `tryWrites` does to a collection. */
const TRIED = ['insert', 'update', 'remove']

export function mongoChecks(context: CheckContext): Check[] {
  const setup = (): MongoSetup => {
    const { client, db } = context.mongo()
    return createMongoSetup(client, db)
  }
  const check = (name: string, look: () => Promise<CheckResult>): Check => ({
    name,
    run: () => orLoginRefused(look),
  })
  return [
    check('mongo', () => server(setup())),
    check('mongo-rights', () => rights(setup(), context.section('mongo').db)),
    check('mongo-code-index', () => codeIndex(setup())),
  ]
}

async function server(setup: MongoSetup): Promise<CheckResult> {
  const { version, replicaSet } = await setup.server()
  return {
    findings: replicaSet === null ? [checkFinding('mongo-without-transactions')] : [],
    facts: [`version ${version}`, ...(replicaSet === null ? [] : [`replica set ${replicaSet}`])],
  }
}

/** What the server says our user may do, and what it then lets through: writes are tried, and rolled back. */
async function rights(setup: MongoSetup, db: string): Promise<CheckResult> {
  const held = await setup.rights()
  const missing = held.loggedIn ? missingPrivileges(held.privileges, db) : new Map<string, string[]>()
  const written = Object.entries(NEEDED_PRIVILEGES).filter(([, actions]) => actions.includes('insert'))
  const tried = await pMap(
    written,
    async ([collection]) => ({ collection, answer: await setup.tryWrites(collection) }),
    { concurrency: AT_ONCE },
  )
  for (const { collection, answer } of tried)
    if (answer === 'denied' && !missing.has(collection)) missing.set(collection, TRIED)
  const role = roleToGrant(held, db)
  const roles = superfluousRoles(held.roles.map((one) => one.role))
  return {
    findings: [
      ...[...missing].map(([collection, actions]) =>
        checkFinding('mongo-privilege-missing', {
          collection,
          actions: actions.join(', '),
          grant: grantStatement(db, role, collection, actions),
        }),
      ),
      ...(tried.some(({ answer }) => answer === 'no-transactions')
        ? [checkFinding('mongo-without-transactions')]
        : []),
    ],
    notices: [
      ...(held.loggedIn || held.forItsMachineAlone ? [] : [checkFinding('mongo-without-login')]),
      ...(roles.length === 0
        ? []
        : [checkFinding('mongo-privileges-superfluous', { roles: roles.join(', ') })]),
    ],
    facts: [
      `writes tried and rolled back in ${tried.filter(({ answer }) => answer === 'ok').length} collections`,
      ...(held.forItsMachineAlone ? ['asks nobody for a login, and listens to its own machine alone'] : []),
    ],
  }
}

/** MongoDB's own roles cannot be changed; one made for us can. */
function roleToGrant({ roles }: MongoRights, db: string): string {
  const builtIn = /^(?:read|readWrite|dbAdmin|dbOwner|userAdmin|root|cluster|backup|restore|atlas)/
  return roles.find((one) => one.db === db && !builtIn.test(one.role))?.role ?? 'holdfast'
}

async function codeIndex(setup: MongoSetup): Promise<CheckResult> {
  const found = await setup.codeIndex()
  if (found.state === 'equivalent') return { facts: [`${found.name} keeps user codes apart`] }
  if (found.state === 'missing') return { notices: [checkFinding('index-missing')] }
  return { findings: [checkFinding('index-not-equivalent', { index: found.name, lacks: found.lacks })] }
}
