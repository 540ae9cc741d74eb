/** The actions that Holdfast uses on the application's own collections. */
const APPLICATION = {
  verifications: ['find', 'insert', 'update', 'remove'],
  users: ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes'],
  '@handles': ['find', 'remove', 'changeStream'],
} as const

const OWN_ACTIONS = ['find', 'insert', 'update', 'remove', 'createIndex'] as const
const OWN = [
  'holdfast_verifications',
  'holdfast_people',
  'holdfast_intents',
  'holdfast_codes',
  'holdfast_events',
  'holdfast_cursors',
  'holdfast_quarantine',
  'holdfast_quarantine_days',
  'holdfast_resume_tokens',
  'holdfast_tombstones',
  'holdfast_old_deletions',
  'holdfast_switches',
  'holdfast_brakes',
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
  'holdfast_workers',
  'holdfast_event_counts',
  'holdfast_failed_mails',
  'holdfast_totals',
  'holdfast_renewals',
] as const

/**
 * The record of operators' actions: only appended to and read, so that no process of Holdfast can change or shorten it.
 * Its indexes are read by `check`, since Holdfast may not create the one by which lines expire.
 */
const RECORD = { holdfast_actions: ['find', 'insert', 'listIndexes'] } as const

/** Every privilege Holdfast needs in the application's database, and no other. `deploy/mongo/role.js` grants these. */
export const NEEDED_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  ...APPLICATION,
  ...RECORD,
  ...Object.fromEntries(OWN.map((name) => [name, OWN_ACTIONS])),
}

/** One privilege as `connectionStatus` shows it. */
export interface Privilege {
  readonly resource: {
    readonly db?: string
    readonly collection?: string
    readonly anyResource?: boolean
    readonly cluster?: boolean
  }
  readonly actions: readonly string[]
}

/** The needed privileges that are missing, by collection. */
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

/** An empty name stands for every database, or for every collection except the server's own. */
function covers({ db, collection, anyResource }: Privilege['resource'], ours: string, name: string): boolean {
  if (anyResource === true) return true
  return (db === '' || db === ours) && (collection === '' || collection === name)
}

/** MongoDB's own roles: each gives rights beyond those needed. */
const BUILT_IN = new Set([
  'read',
  'readWrite',
  'readAnyDatabase',
  'clusterMonitor',
  'clusterManager',
  'hostManager',
  'backup',
  'restore',
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

/**
 * Every right beyond those needed, in words: MongoDB's own roles by name, else each resource with its superfluous
 * actions.
 */
export function superfluousRights(
  { roles, privileges }: { readonly roles: readonly string[]; readonly privileges: readonly Privilege[] },
  db: string,
): string[] {
  const builtIn = roles.filter((role) => BUILT_IN.has(role)).map((role) => `the role ${role}`)
  if (builtIn.length > 0) return builtIn
  return privileges.flatMap((privilege) => {
    const { resource, actions } = privilege
    const needed = resource.db === db ? (NEEDED_PRIVILEGES[resource.collection ?? ''] ?? []) : []
    const beyond = actions.filter((action) => !needed.includes(action))
    return beyond.length === 0 ? [] : [`${beyond.join(', ')} on ${placeOf(resource)}`]
  })
}

function placeOf({ db, collection, anyResource, cluster }: Privilege['resource']): string {
  if (anyResource === true) return 'everything'
  if (cluster === true) return 'the cluster'
  return `${db === '' ? 'every database' : db}.${collection === '' ? 'every collection' : collection}`
}

/** Whether a server listens on loopback addresses only, by its `getCmdLineOpts`. */
export function listensOnLoopbackOnly({
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

/** The mongosh statement that creates the index by which lines of the record of actions expire. */
export function expiryStatement(db: string): string {
  return `db.getSiblingDB(${JSON.stringify(db)}).getCollection('holdfast_actions').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })`
}

/** The mongosh statement that grants missing actions on a collection to a role. */
export function grantStatement(
  db: string,
  role: string,
  collection: string,
  actions: readonly string[],
): string {
  const privilege = JSON.stringify({ resource: { db, collection }, actions })
  return `db.getSiblingDB(${JSON.stringify(db)}).grantPrivilegesToRole(${JSON.stringify(role)}, [${privilege}])`
}
