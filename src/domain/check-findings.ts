import type { CheckFinding, CheckFindingName } from '../contracts/checks.ts'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'
import type { ProblemDetail } from './outside-error.ts'
import { problemText } from './problems.ts'

interface FindingText {
  readonly sentence: (detail: ProblemDetail) => string
  readonly fix: (detail: ProblemDetail) => string
}

/** Findings that a signup cannot meet as a problem, or that say more here than they can say there. */
type OwnName = Exclude<CheckFindingName, ProblemName> | 'no-worker' | 'index-not-equivalent'

const tenantVariable = (detail: ProblemDetail, part: string): string =>
  `AUTH0_${(detail['tenant'] ?? '<tenant>').toUpperCase()}_${part}`
const streamId = ({ stream }: ProblemDetail): string => stream ?? '<id of the stream>'
const patchStream = (detail: ProblemDetail, change: string): string =>
  `auth0 api patch log-streams/${streamId(detail)} --data '${change}'`

/** Who has to be looked at when a probe gets no further. */
const PROBE_FIXES: Readonly<Record<string, string>> = {
  'made-at-provider': 'Give the application the scopes of deploy/auth0/client-grant-probe.json',
  'verified-at-provider':
    'Give the application the scope create:user_tickets, and try the ticket link by hand',
  'in-provider-log': "Look at Auth0's status page: its log lags",
  'at-temporal': 'Look at the log stream and its deliveries in Auth0, and at the log of our server',
  'verification-recorded': 'Start a worker: npm run worker, and look at holdfast list atproto --stuck',
  'user-with-code': 'Look at holdfast list atproto --stuck',
  'account-on-pds': 'Look at holdfast list atproto --stuck, and at the PDS',
  'signup-completed': 'Look at holdfast list atproto --stuck',
  'deleted-at-provider': 'Give the application the scope delete:users',
  'deleted-everywhere': 'Look at the deleteUser workflow in the Temporal UI',
  'nothing-left': 'Look at what the deleteUser workflow left',
}

const TABLE: Record<OwnName, FindingText> = {
  'environment-incomplete': {
    sentence: ({ finding }) => `The environment is not complete: ${finding ?? 'a variable is missing'}.`,
    fix: ({ finding }) => `Set ${finding?.split(' ')[0] ?? 'HOLDFAST_*'} as .env.example explains it.`,
  },
  'temporal-unreachable': {
    sentence: ({ address }) => `Temporal does not answer at ${address ?? 'its address'}.`,
    fix: () => 'Bring Temporal back, or correct TEMPORAL_ADDRESS.',
  },
  'temporal-denied': {
    sentence: ({ answer }) => `Temporal does not let us in (${answer ?? 'denied'}).`,
    fix: () => 'Correct TEMPORAL_API_KEY, or the certificates that TEMPORAL_TLS_* names.',
  },
  'temporal-namespace-missing': {
    sentence: ({ namespace }) => `Temporal has no namespace ${namespace ?? '<namespace>'}.`,
    fix: ({ namespace }) =>
      `temporal operator namespace create --namespace ${namespace ?? '<namespace>'} --retention 30d, or correct TEMPORAL_NAMESPACE.`,
  },
  'search-attribute-missing': {
    sentence: ({ attribute }) =>
      `The namespace does not know the search attribute ${attribute ?? '<name>'}, so no signup can start.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'search-attribute-wrong-type': {
    sentence: ({ attribute, type, found }) =>
      `The search attribute ${attribute ?? '<name>'} is of type ${found ?? 'another type'} where it has to be ${type ?? '<type>'}.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute remove --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --yes, then: ` +
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'retention-too-short': {
    sentence: ({ hours }) =>
      `Temporal forgets a signup ${hours ?? 'a few'} hours after its end, before anybody can look at it.`,
    fix: ({ namespace }) =>
      `temporal operator namespace update --namespace ${namespace ?? '<namespace>'} --retention 30d`,
  },
  'no-worker': {
    sentence: ({ queue }) => `No worker polls the queue ${queue ?? 'holdfast-atproto'}.`,
    fix: () => 'Start a worker: npm run worker. Every signup then goes on by itself.',
  },
  'schedule-missing': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} is not there.`,
    fix: ({ system }) => `holdfast schedules ${system ?? 'atproto'} apply`,
  },
  'schedule-paused': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} is paused.`,
    fix: ({ schedule }) =>
      `temporal schedule toggle --schedule-id ${schedule ?? '<schedule>'} --unpause --reason 'found by check'`,
  },
  'schedule-late': {
    sentence: ({ schedule, due }) =>
      `The schedule ${schedule ?? '<schedule>'} should have run at ${due ?? 'its time'} and has not.`,
    fix: ({ schedule }) =>
      `Look at Temporal's own load, then: temporal schedule trigger --schedule-id ${schedule ?? '<schedule>'}`,
  },
  'mongo-login-refused': {
    sentence: () => 'MongoDB refuses the login of MONGODB_URI.',
    fix: () =>
      'Correct user, password and authSource in MONGODB_URI; deploy/mongo/role.js makes the role a user of ours needs.',
  },
  'mongo-without-transactions': {
    sentence: () => 'MongoDB runs without a replica set, so it has no transactions.',
    fix: () =>
      'Start mongod with --replSet rs0, run rs.initiate in mongosh, and name the set in MONGODB_URI (?replicaSet=rs0).',
  },
  'mongo-privilege-missing': {
    sentence: ({ collection, actions }) =>
      `Our role may not ${actions ?? 'do all it has to'} in the collection ${collection ?? '<collection>'}.`,
    fix: ({ grant }) => `In mongosh, as an administrator: ${grant ?? 'db.grantPrivilegesToRole(…)'}`,
  },
  'mongo-privileges-superfluous': {
    sentence: ({ roles }) => `Our user of MongoDB has more rights than it needs: ${roles ?? 'root'}.`,
    fix: () => 'Make a user with the role of deploy/mongo/role.js alone, and put it into MONGODB_URI.',
  },
  'mongo-without-login': {
    sentence: () => 'MongoDB asks nobody for a login, and other machines may reach it.',
    fix: () =>
      'Turn on its access control, and name a user with the role of deploy/mongo/role.js in MONGODB_URI.',
  },
  'index-not-equivalent': {
    sentence: ({ index, lacks }) =>
      `The index ${index ?? 'there is'} on users.code is not ${lacks ?? 'unique and sparse'}, so it does not keep user codes apart.`,
    fix: ({ system }) => `holdfast diagnose ${system ?? 'atproto'} --fix-index`,
  },
  'index-missing': {
    sentence: () => 'There is no index on users.code yet.',
    fix: ({ system }) =>
      `Nothing to do: the next signup makes it. To make it now: holdfast diagnose ${system ?? 'atproto'} --fix-index`,
  },
  'auth0-client-refused': {
    sentence: ({ tenant, answer }) =>
      `Auth0 gives no token to our application in tenant ${tenant ?? '<tenant>'} (${answer ?? 'refused'}).`,
    fix: (detail) =>
      `Correct ${tenantVariable(detail, 'CLIENT_ID')} and ${tenantVariable(detail, 'CLIENT_SECRET')}, and let that application use the Management API: deploy/auth0/README.md.`,
  },
  'auth0-scope-missing': {
    sentence: ({ tenant, scope, purpose }) =>
      `Our application in tenant ${tenant ?? '<tenant>'} lacks the scope ${scope ?? '<scope>'}, needed to ${purpose ?? 'work'}.`,
    fix: ({ scope }) =>
      `Add ${scope ?? '<scope>'} to its grant on the Management API: deploy/auth0/README.md has the command, client-grant.json all scopes.`,
  },
  'auth0-scope-superfluous': {
    sentence: ({ tenant, scopes }) =>
      `Our application in tenant ${tenant ?? '<tenant>'} may do what Holdfast never does: ${scopes ?? '<scopes>'}.`,
    fix: () =>
      'Set its grant on the Management API to the scopes of deploy/auth0/client-grant.json (those of client-grant-probe.json where it makes probes).',
  },
  'log-stream-missing': {
    sentence: ({ tenant }) => `Tenant ${tenant ?? '<tenant>'} has no log stream that posts to a web address.`,
    fix: () =>
      'auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with its address and token filled in.',
  },
  'log-stream-elsewhere': {
    sentence: ({ tenant, host, endpoint }) =>
      `No log stream of tenant ${tenant ?? '<tenant>'} points at ${endpoint ?? 'our webhook'}; there is one to ${host ?? 'another host'}.`,
    fix: (detail) =>
      `${patchStream(detail, `{"sink":{"httpEndpoint":"${detail['endpoint'] ?? '<HOLDFAST_URL>/webhooks/auth0/<tenant>'}"}}`)}, or correct HOLDFAST_URL.`,
  },
  'log-stream-paused': {
    sentence: ({ tenant }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} is paused: events of this time never come, catch-up has to fetch them.`,
    fix: (detail) => patchStream(detail, '{"status":"active"}'),
  },
  'log-stream-suspended': {
    sentence: ({ tenant }) =>
      `Auth0 has suspended the log stream of tenant ${tenant ?? '<tenant>'}, and does not take it up again.`,
    fix: (detail) =>
      `Make it anew, from the time it stopped: auth0 api delete log-streams/${streamId(detail)}, then auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with the time as its "startFrom".`,
  },
  'log-stream-filtered': {
    sentence: ({ tenant, lacking }) =>
      `The filters of tenant ${tenant ?? '<tenant>'}'s log stream keep back ${lacking ?? 'events'}.`,
    fix: (detail) => patchStream(detail, detail['filters'] ?? '{"filters":[]}'),
  },
  'log-stream-format-unknown': {
    sentence: ({ tenant, format }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} sends the format ${format ?? 'unknown'}, which nobody here can read.`,
    fix: (detail) => patchStream(detail, '{"sink":{"httpContentFormat":"JSONLINES"}}'),
  },
  'log-stream-token-differs': {
    sentence: (detail) =>
      `The log stream of tenant ${detail['tenant'] ?? '<tenant>'} sends another token than ${tenantVariable(detail, 'LOG_TOKEN')}, so every delivery is refused.`,
    fix: (detail) =>
      `auth0 api patch log-streams/${streamId(detail)} --data "$(jq -n '.sink["httpAuthorization"] = env.${tenantVariable(detail, 'LOG_TOKEN')}')"; or correct the variable and restart the server.`,
  },
  'signup-not-seen': {
    sentence: ({ tenant, at }) =>
      `The last signup in the log of tenant ${tenant ?? '<tenant>'}, at ${at ?? 'its time'}, has no workflow: its event did not arrive.`,
    fix: ({ system, identity }) =>
      `holdfast catch-up ${system ?? 'atproto'}, or for this person: holdfast signup ${system ?? 'atproto'} ${identity ?? "'<id>'"}`,
  },
  'log-gap': {
    sentence: ({ tenant, from, to }) =>
      `The log of tenant ${tenant ?? '<tenant>'} from ${from ?? 'some time'} to ${to ?? 'some time'} was gone before it was read: who signed up then may be known to no event.`,
    fix: ({ system, tenant }) =>
      `holdfast audit ${system ?? 'atproto'} --tenant ${tenant ?? '<tenant>'}, then: holdfast catch-up ${system ?? 'atproto'} --close-gap`,
  },
  'server-unreachable': {
    sentence: ({ url, answer }) =>
      `Our own server does not answer at ${url ?? 'HOLDFAST_URL'} (${answer ?? 'no answer'}).`,
    fix: () => 'Start it: npm run server; or correct HOLDFAST_URL and the proxy behind it.',
  },
  'server-not-ready': {
    sentence: ({ answer }) => `Our own server runs and takes nothing (/readyz: ${answer ?? 'no'}).`,
    fix: () =>
      'It cannot reach Temporal or MongoDB: look at its log, and at TEMPORAL_ADDRESS and MONGODB_URI where it runs.',
  },
  'webhook-tenant-unknown': {
    sentence: ({ tenant }) => `Our own server does not know the tenant ${tenant ?? '<tenant>'}.`,
    fix: (detail) => `Set ${tenantVariable(detail, '*')} where the server runs, and restart it.`,
  },
  'webhook-open': {
    sentence: ({ tenant, answer }) =>
      `The webhook of tenant ${tenant ?? '<tenant>'} does not refuse a wrong token with 401 but answers ${answer ?? 'otherwise'}.`,
    fix: () => 'HOLDFAST_URL leads to something that is not Holdfast, or a proxy answers for it: correct it.',
  },
  'webhook-token-differs': {
    sentence: (detail) =>
      `The server runs with another ${tenantVariable(detail, 'LOG_TOKEN')} than this environment.`,
    fix: (detail) => `Give both the same ${tenantVariable(detail, 'LOG_TOKEN')}, and restart the server.`,
  },
  'key-missing': {
    sentence: ({ key, places }) =>
      `What was sealed with the key ${key ?? '<key>'} does not open (${places ?? 'sealed values'}).`,
    fix: ({ key }) =>
      `Add that key to HOLDFAST_KEY, after the first one: HOLDFAST_KEY=<first>,${key ?? '<key>'}:<base64>; then restart worker and server.`,
  },
  'probe-stopped': {
    sentence: ({ step, seen }) =>
      `The test identity did not get past the step ${step ?? '<step>'} (${seen ?? 'nothing was seen'}).`,
    fix: ({ step, identity }) =>
      (PROBE_FIXES[step ?? ''] ?? 'Look at what that step needs') +
      `, then: holdfast check atproto --probe. What is left of it goes with: holdfast delete atproto ${identity ?? "'<id>'"}`,
  },
  'check-timed-out': {
    sentence: ({ check, seconds }) =>
      `The check ${check ?? '<check>'} had no answer within ${seconds ?? 'some'} seconds.`,
    fix: ({ check }) => `Look at the load of what ${check ?? 'it'} asks, then: holdfast check atproto`,
  },
  'check-failed': {
    sentence: ({ check, answer }) =>
      `The check ${check ?? '<check>'} failed in a way Holdfast does not know (${answer ?? 'no reason'}).`,
    fix: () => 'Mend what it names, then: holdfast check atproto',
  },
}

const OWN: ReadonlyMap<string, FindingText> = new Map(Object.entries(TABLE))

/** A finding in words, from the table above or from the table of problems. */
export function checkFinding(name: CheckFindingName, detail: ProblemDetail = {}): CheckFinding {
  const own = OWN.get(name)
  if (own !== undefined) return { name, sentence: own.sentence(detail), fix: own.fix(detail) }
  const problem = PROBLEMS.find((known) => known === name)
  if (problem === undefined) throw new Error(`no text for the finding ${name}`)
  return { name, ...problemText(problem, { system: 'atproto', identity: '<id>', detail }) }
}
