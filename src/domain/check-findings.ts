import { filterSetting } from './atproto/log-stream.ts'
import { codeIndexText } from './atproto/code-index.ts'
import type { CheckFinding, CheckFindingName } from '../contracts/checks.ts'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'
import type { System } from '../contracts/systems.ts'
import type { ProblemDetail } from './outside-error.ts'
import { problemText } from './problems.ts'
import { quarantineFix } from './events/quarantine.ts'

/** The words of one finding, and the system that was checked. */
type FindingDetail = ProblemDetail & { readonly system: System }

interface FindingText {
  readonly sentence: (detail: FindingDetail) => string
  readonly fix: (detail: FindingDetail) => string
}

/** Findings that are no problem of a signup, or whose text has more detail here than as a problem. */
type OwnName = Exclude<CheckFindingName, ProblemName> | 'no-worker' | 'index-not-equivalent'

const tenantVariable = (detail: ProblemDetail, part: string): string =>
  `AUTH0_${(detail['tenant'] ?? '<tenant>').toUpperCase()}_${part}`
const streamId = ({ stream }: ProblemDetail): string => stream ?? '<id of the stream>'
const patchStream = (detail: ProblemDetail, change: string): string =>
  `auth0 api patch log-streams/${streamId(detail)} --data '${change}'`

/** The fix for each step at which a probe can stop. */
const probeFixes = (system: System): Readonly<Record<string, string>> => ({
  'made-at-provider': 'Grant the application the scopes in deploy/auth0/client-grant-probe.json',
  'verified-at-provider':
    'Grant the application the scope create:user_tickets, and open the ticket link by hand',
  'in-provider-log': "Check Auth0's status page: its log is delayed",
  'at-temporal': 'Check the log stream and its deliveries in Auth0, and the log of the webhook server',
  'verification-recorded': `Start a worker (npm run worker), and see what blocks the signup (holdfast list ${system} --stuck)`,
  'user-with-code': `See what blocks the signup (holdfast list ${system} --stuck)`,
  'account-on-pds': `See what blocks the signup (holdfast list ${system} --stuck), and check the PDS`,
  'signup-completed': `See what blocks the signup (holdfast list ${system} --stuck)`,
  'deleted-at-provider': 'Grant the application the scope delete:users',
  'deleted-everywhere': 'Check the deleteUser workflow in the Temporal UI',
  'nothing-left': 'Check which records the deleteUser workflow left',
})

const TABLE: Record<OwnName, FindingText> = {
  'environment-incomplete': {
    sentence: ({ finding }) => `The environment is incomplete: ${finding ?? 'a variable is missing'}.`,
    fix: ({ finding }) => `Set ${finding?.split(' ')[0] ?? 'HOLDFAST_*'} as described in .env.example.`,
  },
  'temporal-unreachable': {
    sentence: ({ address }) => `Temporal does not answer at ${address ?? 'its address'}.`,
    fix: () => 'Bring Temporal back, or correct TEMPORAL_ADDRESS.',
  },
  'temporal-denied': {
    sentence: ({ answer }) => `Temporal refuses the credentials (${answer ?? 'denied'}).`,
    fix: () => 'Correct TEMPORAL_API_KEY, or the certificates named by TEMPORAL_TLS_*.',
  },
  'temporal-namespace-missing': {
    sentence: ({ namespace }) => `Temporal has no namespace ${namespace ?? '<namespace>'}.`,
    fix: ({ namespace }) =>
      `temporal operator namespace create --namespace ${namespace ?? '<namespace>'} --retention 30d, or correct TEMPORAL_NAMESPACE.`,
  },
  'search-attribute-missing': {
    sentence: ({ attribute }) =>
      `The namespace lacks the search attribute ${attribute ?? '<name>'}, so no signup can start.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'search-attribute-wrong-type': {
    sentence: ({ attribute, type, found }) =>
      `The search attribute ${attribute ?? '<name>'} has the type ${found ?? 'of another attribute'}; it must have the type ${type ?? '<type>'}.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute remove --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --yes, then: ` +
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'retention-too-short': {
    sentence: ({ hours }) =>
      `Temporal removes a signup ${hours ?? 'a few'} hours after it ends, too early to investigate it.`,
    fix: ({ namespace }) =>
      `temporal operator namespace update --namespace ${namespace ?? '<namespace>'} --retention 30d`,
  },
  'no-worker': {
    sentence: ({ queue }) => `No worker polls the queue ${queue ?? 'holdfast-atproto'}.`,
    fix: () => 'Start a worker: npm run worker. Its signups then continue automatically.',
  },
  'connection-unencrypted': {
    sentence: ({ server, hosts }) =>
      `Data goes unencrypted to ${server ?? 'a server'} at ${hosts ?? 'another host'}: whoever controls the network between can read and change it.`,
    fix: ({ variable }) => `Enable TLS: ${variable ?? 'tls=true in MONGODB_URI, or TEMPORAL_TLS=true'}`,
  },
  'worker-silent': {
    sentence: ({ worker }) =>
      `The worker ${worker ?? '<pid>@<host>'} sends no heartbeat and takes no work, although it was not stopped: it hangs or was killed.`,
    fix: ({ system }) =>
      `Stop that process and start it again. To list all workers: holdfast workers ${system}`,
  },
  'worker-settings-differ': {
    sentence: ({ worker, settings }) =>
      `The worker ${worker ?? '<pid>@<host>'} runs with a different ${settings ?? 'setting'} than this environment.`,
    fix: ({ settings, system }) =>
      `Correct ${settings ?? 'it'} there or here, wherever it is wrong, and restart the worker. To list all workers: holdfast workers ${system}`,
  },
  'blocked-despite-check': {
    sentence: ({ count, problem, since, checks, workers }) =>
      `${count === '1' ? '1 signup has' : `${count ?? 'Some'} signups have`} been blocked by ${problem ?? 'a problem'} since ${since ?? 'some time'}, although the check of ${checks ?? 'it'} succeeds with the settings of this environment. ` +
      (workers === undefined
        ? 'No worker reports different settings: either the cause has passed, or a worker cannot reach the server that this command reaches.'
        : `A different value is set in the worker ${workers}.`),
    fix: ({ problem, workers, system }) =>
      `${workers === undefined ? '' : `Correct the settings of ${workers} and restart it, or stop it. `}Then: holdfast retry ${system} --problem ${problem ?? '<problem>'}`,
  },
  'schedule-missing': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} does not exist.`,
    fix: ({ system }) => `holdfast schedules ${system} apply`,
  },
  'schedule-paused': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} is paused.`,
    fix: ({ schedule }) =>
      `temporal schedule toggle --schedule-id ${schedule ?? '<schedule>'} --unpause --reason 'found by check'`,
  },
  'schedule-late': {
    sentence: ({ schedule, due }) =>
      `The schedule ${schedule ?? '<schedule>'} should have run at ${due ?? 'its time'} but has not.`,
    fix: ({ schedule }) =>
      `Check the load of Temporal, then: temporal schedule trigger --schedule-id ${schedule ?? '<schedule>'}`,
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
  'index-not-equivalent': {
    sentence: (detail) => codeIndexText(detail, detail.system).sentence,
    fix: (detail) => codeIndexText(detail, detail.system).fix,
  },
  'index-missing': {
    sentence: () => 'There is no index on users.code yet.',
    fix: ({ system }) =>
      `No action needed: the next signup creates it. To create it now: holdfast diagnose ${system} --fix-index`,
  },
  'actions-index-missing': {
    sentence: () =>
      "The record of operators' actions is kept without limit instead of 400 days: holdfast_actions has no TTL index on expiresAt.",
    fix: ({ statement }) =>
      `Run deploy/mongo/role.js again, or in mongosh, as an administrator: ${statement ?? "db.getCollection('holdfast_actions').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })"}`,
  },
  'auth0-client-refused': {
    sentence: ({ tenant, answer }) =>
      `Auth0 refuses a token to the application of Holdfast in tenant ${tenant ?? '<tenant>'} (${answer ?? 'refused'}).`,
    fix: (detail) =>
      `Correct ${tenantVariable(detail, 'CLIENT_ID')} and ${tenantVariable(detail, 'CLIENT_SECRET')}, and authorize that application for the Management API: deploy/auth0/README.md.`,
  },
  'auth0-scope-missing': {
    sentence: ({ tenant, scope, purpose }) =>
      `The application of Holdfast in tenant ${tenant ?? '<tenant>'} lacks the scope ${scope ?? '<scope>'}, needed to ${purpose ?? 'work'}.`,
    fix: ({ scope }) =>
      `Add ${scope ?? '<scope>'} to its grant for the Management API. The command is in deploy/auth0/README.md, all scopes are in client-grant.json.`,
  },
  'auth0-scope-superfluous': {
    sentence: ({ tenant, scopes }) =>
      `The application of Holdfast in tenant ${tenant ?? '<tenant>'} has scopes that Holdfast never uses: ${scopes ?? '<scopes>'}.`,
    fix: () =>
      'Reduce its grant for the Management API to the scopes in deploy/auth0/client-grant.json (in client-grant-probe.json if it runs probes).',
  },
  'log-stream-missing': {
    sentence: ({ tenant }) => `Tenant ${tenant ?? '<tenant>'} has no log stream of the type webhook.`,
    fix: () =>
      'auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with its address and token filled in.',
  },
  'log-stream-elsewhere': {
    sentence: ({ tenant, host, endpoint }) =>
      `No log stream of tenant ${tenant ?? '<tenant>'} posts to ${endpoint ?? 'the webhook of Holdfast'}; there is one that posts to ${host ?? 'another host'}.`,
    fix: (detail) =>
      `${patchStream(detail, `{"sink":{"httpEndpoint":"${detail['endpoint'] ?? '<HOLDFAST_URL>/webhooks/auth0/<tenant>'}"}}`)}, or correct HOLDFAST_URL.`,
  },
  'log-stream-paused': {
    sentence: ({ tenant }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} is paused: its events are not delivered, and only catch-up fetches them.`,
    fix: (detail) => patchStream(detail, '{"status":"active"}'),
  },
  'log-stream-suspended': {
    sentence: ({ tenant }) =>
      `Auth0 has suspended the log stream of tenant ${tenant ?? '<tenant>'} and does not resume it.`,
    fix: (detail) =>
      `Create it again, from the time it stopped: auth0 api delete log-streams/${streamId(detail)}, then auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with the time as its "startFrom".`,
  },
  'log-stream-filtered': {
    sentence: ({ tenant, lacking }) =>
      `The filters of tenant ${tenant ?? '<tenant>'}'s log stream exclude ${lacking ?? 'events'}.`,
    fix: (detail) => patchStream(detail, detail['filters'] ?? filterSetting()),
  },
  'log-stream-format-unknown': {
    sentence: ({ tenant, format }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} uses the format ${format ?? 'unknown'}, which Holdfast cannot read.`,
    fix: (detail) => patchStream(detail, '{"sink":{"httpContentFormat":"JSONLINES"}}'),
  },
  'log-stream-token-differs': {
    sentence: (detail) =>
      `The log stream of tenant ${detail['tenant'] ?? '<tenant>'} sends a token that differs from ${tenantVariable(detail, 'LOG_TOKEN')}, so every delivery is refused.`,
    fix: (detail) =>
      `auth0 api patch log-streams/${streamId(detail)} --data "$(jq -n '.sink["httpAuthorization"] = env.${tenantVariable(detail, 'LOG_TOKEN')} | split(",")[0]')"; or correct the variable and restart the server.`,
  },
  'signup-not-seen': {
    sentence: ({ tenant, at }) =>
      `The last signup in the log of tenant ${tenant ?? '<tenant>'}, at ${at ?? 'its time'}, has no workflow: its event did not arrive.`,
    fix: ({ system, identity }) =>
      `holdfast catch-up ${system}, or for this person: holdfast signup ${system} ${identity ?? "'<id>'"}`,
  },
  'log-gap': {
    sentence: ({ tenant, from, to }) =>
      `The log of tenant ${tenant ?? '<tenant>'} from ${from ?? 'some time'} to ${to ?? 'some time'} was deleted before catch-up read it: signups of that time may be missing.`,
    fix: ({ system, tenant }) =>
      `holdfast audit ${system} --tenant ${tenant ?? '<tenant>'}, then: holdfast catch-up ${system} --close-gap`,
  },
  'server-unreachable': {
    sentence: ({ url, answer }) =>
      `The webhook server does not answer at ${url ?? 'HOLDFAST_URL'} (${answer ?? 'no answer'}).`,
    fix: () => 'Start it: npm run server; or correct HOLDFAST_URL and its proxy.',
  },
  'server-not-ready': {
    sentence: ({ answer }) => `The webhook server runs but is not ready (/readyz: ${answer ?? 'no'}).`,
    fix: () =>
      'It cannot reach Temporal or MongoDB: check its log, and its TEMPORAL_ADDRESS and MONGODB_URI.',
  },
  'webhook-tenant-unknown': {
    sentence: ({ tenant }) => `The webhook server does not know the tenant ${tenant ?? '<tenant>'}.`,
    fix: (detail) => `Set ${tenantVariable(detail, '*')} in the environment of the server, and restart it.`,
  },
  'webhook-open': {
    sentence: ({ tenant, answer }) =>
      `The webhook of tenant ${tenant ?? '<tenant>'} answers ${answer ?? 'otherwise'} to a wrong token; it must answer 401.`,
    fix: () => 'HOLDFAST_URL points to another service, or a proxy answers in place of Holdfast: correct it.',
  },
  'webhook-token-differs': {
    sentence: (detail) =>
      `The server runs with a different ${tenantVariable(detail, 'LOG_TOKEN')} than this environment.`,
    fix: (detail) => `Set the same ${tenantVariable(detail, 'LOG_TOKEN')} in both, and restart the server.`,
  },
  'pds-open': {
    sentence: () =>
      "The PDS lets anyone create an account: it requires no invite code. A stranger can take people's handles, user codes and " +
      'addresses before they sign up, and fill the PDS with accounts.',
    fix: () =>
      'Set PDS_INVITE_REQUIRED=true at the PDS and restart it. Holdfast creates an invite code for each account.',
  },
  'key-missing': {
    sentence: ({ key, places }) =>
      `Values encrypted with the key ${key ?? '<key>'} cannot be decrypted (${places ?? 'encrypted values'}).`,
    fix: ({ key }) =>
      `Add that key to HOLDFAST_KEY, after the first one: HOLDFAST_KEY=<first>,${key ?? '<key>'}:<base64>; then restart the worker and the server.`,
  },
  'values-in-clear': {
    sentence: ({ count, places }) =>
      `${count ?? 'Some'} values that must be encrypted are stored in plain text (${places ?? 'in MongoDB'}).`,
    fix: () => 'To count them: holdfast keys seal --dry-run; to encrypt them: holdfast keys seal.',
  },
  'events-quarantined': {
    sentence: ({ what }) => `${what ?? 'Events could not be read and are quarantined'}.`,
    fix: ({ system }) => quarantineFix(system),
  },
  'events-noted': {
    sentence: ({ tenant, days, what }) =>
      `Within ${days ?? 'the last'} days, Auth0 reported for tenant ${tenant ?? '<tenant>'}: ${what ?? 'failures'}.`,
    fix: ({ tenant, system }) =>
      `To see them by day: holdfast catch-up ${system} --status --tenant ${tenant ?? '<tenant>'}. holdfast why shows a failed verification mail, and holdfast resend sends it again. For users removed, linked or changed by SCIM: holdfast audit ${system}. For all others, see Auth0's log.`,
  },
  'probe-stopped': {
    sentence: ({ step, seen }) =>
      `The test identity did not get past the step ${step ?? '<step>'} (${seen ?? 'no result'}).`,
    fix: ({ step, identity, system }) =>
      (probeFixes(system)[step ?? ''] ?? 'Check what that step needs') +
      `, then: holdfast check ${system} --probe. To delete what the probe left: holdfast delete ${system} ${identity ?? "'<id>'"}`,
  },
  'probe-left': {
    sentence: ({ count, identities }) =>
      `An interrupted probe left ${count === '1' ? 'its test identity' : `${count ?? 'some'} test identities`}: ${identities ?? '<id>'}.`,
    fix: ({ system }) => `The next probe deletes it everywhere: holdfast check ${system} --probe`,
  },
  'check-timed-out': {
    sentence: ({ check, seconds }) =>
      `The check ${check ?? '<check>'} got no answer within ${seconds ?? 'some'} seconds.`,
    fix: ({ check, system }) =>
      `Check the load of the server that ${check ?? 'it'} calls, then: holdfast check ${system}`,
  },
  'check-failed': {
    sentence: ({ check, answer }) =>
      `The check ${check ?? '<check>'} failed with an error that Holdfast does not know (${answer ?? 'no reason'}).`,
    fix: ({ system }) => `Fix the cause it names, then: holdfast check ${system}`,
  },
}

const OWN: ReadonlyMap<string, FindingText> = new Map(Object.entries(TABLE))

/** A finding in words, from the table above or from the table of problems. */
export function checkFinding(
  system: System,
  name: CheckFindingName,
  given: ProblemDetail = {},
): CheckFinding {
  const detail = { ...given, system }
  const own = OWN.get(name)
  if (own !== undefined) return { name, sentence: own.sentence(detail), fix: own.fix(detail) }
  const problem = PROBLEMS.find((known) => known === name)
  if (problem === undefined) throw new Error(`no text for the finding ${name}`)
  return { name, ...problemText(problem, { system, identity: '<id>', detail: given }) }
}
