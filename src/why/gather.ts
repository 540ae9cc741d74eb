import { createIgnored } from '../adapters/mongo/ignored.ts'
import { createJournal } from '../adapters/mongo/journal.ts'
import { createStores } from '../adapters/mongo/stores.ts'
import type { PdsAccountNow } from '../adapters/pds-look.ts'
import { tenantOfIdentity } from '../config/tenants.ts'
import { isEndStage } from '../contracts/stages.ts'
import type { WhyPage } from '../contracts/why.ts'
import { aliasFor } from '../domain/alias.ts'
import { handleUnder } from '../domain/handle.ts'
import { historyWords } from '../domain/history.ts'
import { gapsOf, type PersonFacts } from '../domain/judge.ts'
import { fixFor, nextByItself, stageByStores, stepAt, troublesOf } from '../domain/why.ts'
import { ask, valueOf, type Answered } from './ask.ts'
import { auth0Of, pdsOf, type WhyOutside } from './outside.ts'
import { storeAnswers } from './store-answers.ts'

const DAY_MS = 24 * 3_600_000

/** Everything there is to say of one person now. Every store is asked, side by side, and none is waited for long. */
export async function whyPage(identity: string, outside: WhyOutside): Promise<WhyPage> {
  const tenant = tenantOf(identity, outside)
  const [auth0, stored, temporal, history, successes, ignored] = await Promise.all([
    ask(async () => {
      const { auth0: provider, userId } = await auth0Of(outside, identity)
      return provider.person(userId)
    }),
    ask(async () => (await createStores(outside.db()).people([identity])).get(identity) ?? NOBODY),
    ask(() => outside.reader().status(outside.workflowIdOf(tenant, identity))),
    ask(() => createJournal(outside.db(), '').of(identity)),
    ask(() => createJournal(outside.db(), '').lastSuccesses()),
    ask(() => createIgnored(outside.db()).list('atproto')),
  ])
  const pds = await askPds(stored, outside)

  const person = valueOf(auth0)
  const status = valueOf(temporal)
  const records = valueOf(stored) ?? NOBODY
  const account = valueOf(pds)
  const facts: PersonFacts = {
    identity,
    tenant,
    provider: person && {
      createdAt: person.createdAt,
      verified: person.emailVerified,
      address: person.email?.toLowerCase() ?? null,
      alias: person.email === null ? null : aliasFor(person.email.toLowerCase(), tenant),
    },
    ...records,
    account: account && {
      state: account.deactivated ? 'deactivated' : account.active ? 'active' : 'taken down',
      handle: account.handle,
      address: account.email?.toLowerCase() ?? null,
    },
    inProgress: status !== null && !isEndStage(status.stage),
    codeShared: false, // whether others share it is for the audit, which sees everybody
    inherits: outside.tenants().length > 1,
  }
  // A store that could not be asked lacks nothing that anybody could know of.
  const judged = auth0.asked && stored.asked && pds.asked
  const gaps = judged ? gapsOf(facts, { ...rulesOf(outside), now: new Date(), graceMs: 0 }) : []
  const running = status !== null && (!isEndStage(status.stage) || status.problem !== null)
  const stage = running ? status.stage : (endedAs(status?.stage, stageByStores(facts)) ?? null)
  const troubles = troublesOf(status, gaps)
  const known = status !== null || person !== null || stageByStores(facts) !== null
  const at = { status: running ? status : null, stage, troubles }
  const theirs = valueOf(ignored)?.find((one) => one.identity === identity)

  return {
    system: 'atproto',
    tenant,
    identity,
    stage,
    stageSince: status !== null && status.stage === stage ? status.stageSince : null,
    troubles,
    stores: storeAnswers({ auth0, stored, pds, temporal }),
    history: (valueOf(history) ?? []).map((event) => ({ ...event, words: historyWords(event) })),
    lastSuccess: (valueOf(successes) ?? []).find(({ step }) => step === stepAt(stage)) ?? null,
    next: nextByItself({ ...at, asked: temporal.asked }),
    fix: fixFor(identity, { ...at, known }),
    notices: [
      ...(status?.notices ?? []),
      ...(theirs === undefined ? [] : [`Is ignored until ${theirs.until}: ${theirs.reason}`]),
    ],
    status,
    known,
  }
}

const NOBODY = { verifications: null, user: null, chosen: null }

/** The account the user record names; where it names none, the one under the person's own code, if there is one. */
function askPds(
  stored: Answered<Pick<PersonFacts, 'user'>>,
  outside: WhyOutside,
): Promise<Answered<PdsAccountNow | null>> {
  return ask(async () => {
    if (!stored.asked) throw new Error('which account is theirs stands in MongoDB')
    const { user } = stored.value
    const look = await pdsOf(outside)
    if (user?.did) return look.account(user.did)
    if (typeof user?.code !== 'string' || user.code === '') return null
    return look.accountByHandle(handleUnder(user.code, outside.pds().handleDomain))
  })
}

/** What Temporal says of the end, unless the stores have gone on since. */
function endedAs(ended: WhyPage['stage'] | undefined, byStores: WhyPage['stage']): WhyPage['stage'] {
  if (ended === 'expired' && byStores === 'waiting-for-verification') return ended
  return byStores ?? ended ?? null
}

function tenantOf(identity: string, outside: WhyOutside): string {
  return tenantOfIdentity(outside.tenantNames(), identity)?.name ?? '-'
}

function rulesOf(outside: WhyOutside) {
  return { waitMs: outside.waitDays() * DAY_MS, handleDomain: outside.pds().handleDomain }
}
