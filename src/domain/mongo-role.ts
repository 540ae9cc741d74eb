/** What the application's own collections are used for. */
const APPLICATION = {
  verifications: ['find', 'insert', 'update', 'remove'],
  users: ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes'],
  '@handles': ['find', 'remove', 'changeStream'],
} as const

const OWN_ACTIONS = ['find', 'insert', 'update', 'remove', 'createIndex'] as const
const OWN = [
  'holdfast_verifications',
  'holdfast_intents',
  'holdfast_codes',
  'holdfast_events',
  'holdfast_cursors',
  'holdfast_quarantine',
  'holdfast_resume_tokens',
  'holdfast_tombstones',
  'holdfast_switches',
  'holdfast_reveals',
  'holdfast_audits',
  'holdfast_audit_findings',
  'holdfast_audit_people',
  'holdfast_audit_identities',
  'holdfast_audit_accounts',
  'holdfast_audit_marks',
  'holdfast_plans',
  'holdfast_history',
  'holdfast_steps',
  'holdfast_ignored',
  'holdfast_alerts',
] as const

/** Every privilege Holdfast needs in the application's database, and no other. `deploy/mongo/role.js` grants these. */
export const NEEDED_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  ...APPLICATION,
  ...Object.fromEntries(OWN.map((name) => [name, OWN_ACTIONS])),
}

/** One privilege as `connectionStatus` shows it. */
export interface Privilege {
  readonly resource: {
    readonly db?: string
    readonly collection?: string
    readonly anyResource?: boolean
  }
  readonly actions: readonly string[]
}

/** What of the needed privileges is not among those held, by collection. */
export function missingPrivileges(held: readonly Privilege[], db: string): Map<string, string[]> {
  const missing = new Map<string, string[]>()
  for (const [collection, needed] of Object.entries(NEEDED_PRIVILEGES)) {
    const allowed = new Set(
      held.filter(({ resource }) => covers(resource, db, collection)).flatMap(({ actions }) => actions),
    )
    const lacking = needed.filter((action) => !allowed.has(action) && !allowed.has('anyAction'))
    if (lacking.length > 0) missing.set(collection, lacking)
  }
  return missing
}

/** An empty name stands for every database, or for every collection that is not the server's own. */
function covers({ db, collection, anyResource }: Privilege['resource'], ours: string, name: string): boolean {
  if (anyResource === true) return true
  return (db === '' || db === ours) && (collection === '' || collection === name)
}

/** Roles that no client of one application's data needs. */
const TOO_MUCH = new Set([
  'root',
  'atlasAdmin',
  'dbOwner',
  'dbAdmin',
  'userAdmin',
  'clusterAdmin',
  'dbAdminAnyDatabase',
  'readWriteAnyDatabase',
  'userAdminAnyDatabase',
])

export function superfluousRoles(roles: readonly string[]): string[] {
  return roles.filter((role) => TOO_MUCH.has(role))
}

/** Where a server listens, as `getCmdLineOpts` shows it: whether no other machine reaches it. */
export function bindsLoopback({
  bindIp,
  bindIpAll,
}: {
  readonly bindIp?: string | undefined
  readonly bindIpAll?: boolean | undefined
}): boolean {
  if (bindIpAll === true) return false
  const addresses = (bindIp ?? 'localhost').split(',').map((address) => address.trim()) // localhost: MongoDB's own default
  return addresses.every((address) => /^(?:localhost|127(?:\.\d+){3}|::1|\/.+)$/.test(address))
}

/** The mongosh statement that grants what is missing, to the role a user of ours has where it is of our own making. */
export function grantStatement(
  db: string,
  role: string,
  collection: string,
  actions: readonly string[],
): string {
  const privilege = JSON.stringify({ resource: { db, collection }, actions })
  return `db.getSiblingDB(${JSON.stringify(db)}).grantPrivilegesToRole(${JSON.stringify(role)}, [${privilege}])`
}
