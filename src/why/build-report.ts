import { createIgnored } from '../state/mongo/ignored.ts'
import { createStepHistory } from '../state/mongo/step-history.ts'
import { createPersonMemory } from '../state/mongo/person-memory.ts'
import { createNotedEvents } from '../state/mongo/events/noted-events.ts'
import { createApplicationRecords } from '../adapters/mongo/application-records.ts'
import type { PdsAccountStatus } from '../adapters/pds/reader.ts'
import { tenantOfIdentity } from '../config/atproto/tenants.ts'
import { isEndStage } from '../contracts/stages.ts'
import type { System } from '../contracts/systems.ts'
import type { RememberedRecords } from '../contracts/atproto/recovery.ts'
import type { WhyPage } from '../contracts/why.ts'
import { aliasFor } from '../domain/atproto/alias.ts'
import { handleUnder } from '../domain/atproto/handle.ts'
import { deletionTime } from '../domain/atproto/deletion.ts'
import {
  deletionSentence,
  heldDeletionSentence,
  pausedDeletionSentence,
  undeleteCommand,
  unknownDeletionSentence,
} from '../domain/deletion-text.ts'
import { historyText } from '../domain/history.ts'
import { gapsOf, type PersonFacts } from '../domain/atproto/gap-rules.ts'
import { notAdoptedText } from '../contracts/atproto/not-adopted.ts'
import { NOTED_CODES } from '../domain/atproto/noted-events.ts'
import { shellQuoted } from '../contracts/text/shell.ts'
import {
  fixFor,
  nextWithoutAction,
  stageFromStores,
  currentStage,
  currentStep,
  problemsOf,
} from '../domain/why.ts'
import { queryStore, valueOrNull, type StoreResult } from './query-store.ts'
import { loadDeletionState } from './deletion.ts'
import { auth0Of, loadSdks, pdsReaderOf, type WhySources } from './atproto/sources.ts'
import { currentNotices } from './current-notices.ts'
import { storeAnswers } from './store-answers.ts'

const DAY_MS = 24 * 3_600_000

/** The report on one person. All stores are queried in parallel, each with a short time limit. */
export async function buildWhyReport(identity: string, outside: WhySources): Promise<WhyPage> {
  const tenant = tenantOf(identity, outside)
  const loaded = loadSdks()
  const inTime = <T>(question: () => Promise<T>) => queryStore(outside.system, question, loaded)
  const [auth0, stored, memory, temporal, history, successes, ignored, deletion, failedMail, strangers] =
    await Promise.all([
      inTime(async () => {
        const { auth0: provider, userId } = await auth0Of(outside, identity)
        return provider.person(userId)
      }),
      inTime(
        async () => (await createApplicationRecords(outside.db()).load([identity])).get(identity) ?? NOBODY,
      ),
      inTime(async () => (await createPersonMemory(outside.db()).loadMany([identity])).get(identity) ?? null),
      inTime(async () => {
        await loaded // its time-outs count from the call on, even if this process is busy
        const found = await outside.reader().status(outside.workflowIdOf(tenant, identity))
        return found === null ? null : currentNotices(() => outside.db())(found)
      }),
      inTime(() => createStepHistory(outside.db(), outside.system, '').load(identity)),
      inTime(() => createStepHistory(outside.db(), outside.system, '').lastSuccesses()),
      inTime(() => createIgnored(outside.db(), outside.system).list()),
      inTime(() => loadDeletionState(identity, outside)),
      inTime(() => createNotedEvents(outside.db(), outside.system).failedMail(identity)),
      inTime(() => createPersonMemory(outside.db()).strangers({ identity, limit: 1 })),
    ])
  const pds = await loadAccount(stored, memory, outside)

  const person = valueOrNull(auth0)
  const status = valueOrNull(temporal)
  const records = valueOrNull(stored) ?? NOBODY
  const account = valueOrNull(pds)
  const { tombstone, heldSince, pausedSince } = valueOrNull(deletion) ?? NOT_DELETED
  // A person whom the provider no longer knows is deleted, or about to be.
  const goes = tombstone?.finishedAt === null || (auth0.asked && person === null && tombstone === null)
  const remembered = valueOrNull(memory)
  const accountNow = account && {
    state: account.deactivated ? 'deactivated' : account.active ? 'active' : 'taken down',
    handle: account.handle,
    address: account.email?.toLowerCase() ?? null,
  }
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
    account: records.user?.did ? accountNow : null,
    remembered,
    rememberedAccount: account?.did === remembered?.account?.did && !records.user?.did ? accountNow : null,
    deletedAt: deletionTime(tombstone, person?.createdAt ?? null),
    inProgress: status !== null && !isEndStage(status.stage),
    codeShared: false, // only an audit sees whether other people share the code
    mayInheritHandle: outside.tenants().length > 1,
  }
  // Without the answer of every store no gap can be stated.
  const judged = auth0.asked && stored.asked && memory.asked && pds.asked && deletion.asked
  const gaps = judged ? gapsOf(facts, { ...rulesOf(outside), now: new Date(), graceMs: 0 }) : []
  const running = status !== null && (!isEndStage(status.stage) || status.problem !== null)
  const stage = currentStage(status, facts, {
    provider: auth0.asked,
    records: stored.asked,
    deletion: deletion.asked,
  })
  const problems = problemsOf(outside.system, status, gaps)
  const known = status !== null || person !== null || remembered !== null || stageFromStores(facts) !== null
  const at = { status: running ? status : null, stage, problems }
  const theirs = valueOrNull(ignored)?.find((one) => one.identity === identity)

  return {
    system: outside.system,
    tenant,
    identity,
    stage,
    stageSince: status !== null && status.stage === stage ? status.stageSince : null,
    problems,
    stores: storeAnswers({ auth0, stored, memory, pds, temporal }),
    history: (valueOrNull(history) ?? []).map((event) => ({
      ...event,
      text: historyText(outside.system, event),
    })),
    lastSuccess: (valueOrNull(successes) ?? []).find(({ step }) => step === currentStep(stage)) ?? null,
    next: nextWithoutAction({ ...at, asked: temporal.asked }),
    fix:
      fixFor(outside.system, identity, { ...at, known }) ??
      (facts.deletedAt !== null && person !== null
        ? `To let the person sign up again: ${undeleteCommand(outside.system, identity)}`
        : null),
    notices: [
      ...(status?.notices ?? []),
      ...(deletion.asked ? [] : [unknownDeletionSentence(deletion.because)]),
      ...(tombstone === null ? [] : [deletionSentence(identity, tombstone)]),
      ...(heldSince === null ? [] : [heldDeletionSentence(outside.system, heldSince, person !== null)]),
      ...(pausedSince !== null && goes ? [pausedDeletionSentence(outside.system, pausedSince)] : []),
      ...(valueOrNull(strangers) ?? []).map(({ did }) => strangerNotice(outside.system, did)),
      ...mailNotice(outside.system, identity, valueOrNull(failedMail), person?.emailVerified ?? false),
      ...(theirs === undefined ? [] : [`Ignored until ${theirs.until}: ${theirs.reason}`]),
    ],
    status,
    known,
  }
}

const NOT_DELETED = { tombstone: null, heldSince: null, pausedSince: null }

/** A failed mail matters until the address is verified. */
function mailNotice(
  system: System,
  identity: string,
  failed: { code: string; at: string } | null,
  verified: boolean,
): string[] {
  if (failed === null || verified) return []
  return [
    `${NOTED_CODES[failed.code] ?? 'The verification mail failed'} (${failed.code}) at ${failed.at}. To resend the mail: holdfast resend ${system} ${shellQuoted(identity)}`,
  ]
}

function strangerNotice(system: System, did: string): string {
  const { sentence, fix } = notAdoptedText(system, { count: 1, did })
  return `account-not-adopted: ${sentence} ${fix}`
}

const NOBODY = { verifications: null, user: null, chosenHandle: null }

/** The account in the user record; without one, the remembered account, or the one under the person's own code. */
function loadAccount(
  stored: StoreResult<Pick<PersonFacts, 'user'>>,
  memory: StoreResult<RememberedRecords | null>,
  outside: WhySources,
): Promise<StoreResult<PdsAccountStatus | null>> {
  return queryStore(
    outside.system,
    async () => {
      if (!stored.asked) throw new Error('the DID of the account is in MongoDB, which could not be read')
      const { user } = stored.value
      const look = await pdsReaderOf(outside)
      const did = user?.did ?? valueOrNull(memory)?.account?.did
      if (did) return look.account(did)
      if (typeof user?.code !== 'string' || user.code === '') return null
      return look.accountByHandle(handleUnder(user.code, outside.pds().handleDomain))
    },
    loadSdks(),
  )
}

function tenantOf(identity: string, outside: WhySources): string {
  return tenantOfIdentity(outside.tenantNames(), identity)?.name ?? '-'
}

function rulesOf(outside: WhySources) {
  return { waitMs: outside.waitDays() * DAY_MS, handleDomain: outside.pds().handleDomain }
}
