import { createApplicationRecords } from '../../adapters/mongo/application-records.ts'
import type { PdsAccountStatus } from '../../adapters/pds/reader.ts'
import { loadConfig, type Env } from '../../config.ts'
import { readTenantNames } from '../../config/atproto/tenants.ts'
import type { RememberedRecords } from '../../contracts/atproto/recovery.ts'
import { isEndStage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { aliasFor } from '../../domain/atproto/alias.ts'
import { gapsOf, type PersonFacts } from '../../domain/atproto/gap-rules.ts'
import { handleUnder } from '../../domain/atproto/handle.ts'
import { NOTED_CODES } from '../../domain/atproto/noted-events.ts'
import { isRestorable } from '../../domain/atproto/lost-account.ts'
import { currentStage, stageFromStores } from '../../domain/atproto/stage.ts'
import { deletionTime } from '../../domain/deletion-time.ts'
import { notAdoptedText } from '../../contracts/atproto/not-adopted.ts'
import { databaseOf } from './database.ts'
import { createPersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import type { OnePerson, PersonContext } from '../one-person.ts'
import { queryStore, valueOrNull, type StoreResult } from '../query-store.ts'
import { auth0Of, loadSdks, pdsOf, pdsReaderOf } from './sources.ts'
import { storeAnswers } from './store-answers.ts'

const DAY_MS = 24 * 3_600_000

/** Auth0, the application's records, what Holdfast remembers, and the account on the PDS. */
export const look: OnePerson['look'] = async ({ tenant, identity }, context) => {
  const { system, env } = context
  const loaded = loadSdks()
  const db = () => databaseOf(context)
  const inTime = <T>(question: () => Promise<T>) => queryStore(system, question, loaded)
  const [auth0, stored, memory, failedMail, strangers] = await Promise.all([
    inTime(async () => {
      const { auth0: provider, userId } = await auth0Of(context, identity)
      return provider.person(userId)
    }),
    inTime(async () => (await createApplicationRecords(await db()).load([identity])).get(identity) ?? NOBODY),
    inTime(async () => (await createPersonMemory(await db()).loadMany([identity])).get(identity) ?? null),
    inTime(async () => (await context.state()).state.notedEvents.failedMail(identity)),
    inTime(async () => createPersonMemory(await db()).strangers({ identity, limit: 1 })),
  ])
  const person = valueOrNull(auth0)
  const records = valueOrNull(stored) ?? NOBODY
  const lost = records.user?.did ? null : (valueOrNull(memory)?.account ?? null)
  const [pds, moved] = await Promise.all([
    loadAccount(stored, memory, context),
    inTime(async () => {
      if (lost === null || person?.emailVerified !== false || !isRestorable(lost, false)) return false
      return createPersonMemory(await db()).belongsToAnother(identity, lost.did)
    }),
  ])
  const account = valueOrNull(pds)
  const remembered = valueOrNull(memory)
  const accountNow = account && {
    state: account.deactivated ? 'deactivated' : account.active ? 'active' : 'taken down',
    handle: account.handle,
    address: account.email?.toLowerCase() ?? null,
  }

  return {
    stores: storeAnswers({ auth0, stored, memory, pds }),
    atProvider: auth0.asked ? (person === null ? 'unknown' : 'known') : 'not asked',
    judge({ status, deletion }) {
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
        rememberedAccount: account?.did === lost?.did && valueOrNull(moved) === false ? accountNow : null,
        deletedAt: deletionTime(valueOrNull(deletion)?.tombstone, person?.createdAt ?? null),
        inProgress: status !== null && !isEndStage(status.stage),
        codeShared: false, // only an audit sees whether other people share the code
        mayInheritHandle: readTenantNames(env).length > 1,
      }
      // Without the answer of every store no gap can be stated.
      const judged = auth0.asked && stored.asked && memory.asked && pds.asked && moved.asked && deletion.asked
      const stage = currentStage(status, facts, {
        provider: auth0.asked,
        records: stored.asked,
        deletion: deletion.asked,
      })
      return {
        gaps: judged ? gapsOf(facts, { ...rulesOf(env), now: new Date(), graceMs: 0 }) : [],
        stage,
        known: person !== null || remembered !== null || stageFromStores(facts) !== null,
        deleted: facts.deletedAt !== null,
        notices: [
          ...(valueOrNull(strangers) ?? []).map(({ did }) => strangerNotice(system, did)),
          ...mailNotice(system, identity, valueOrNull(failedMail), person?.emailVerified ?? false),
        ],
        fix:
          stage === 'waiting-for-verification'
            ? `To resend the verification mail: ${resendCommand(system, identity)}`
            : null,
      }
    },
  }
}

function resendCommand(system: System, identity: string): string {
  return `holdfast resend ${system} ${shellQuoted(identity)}`
}

/** A failed mail matters until the address is verified. */
function mailNotice(
  system: System,
  identity: string,
  failed: { code: string; at: string } | null,
  verified: boolean,
): string[] {
  if (failed === null || verified) return []
  return [
    `${NOTED_CODES[failed.code] ?? 'The verification mail failed'} (${failed.code}) at ${failed.at}. To resend the mail: ${resendCommand(system, identity)}`,
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
  context: PersonContext,
): Promise<StoreResult<PdsAccountStatus | null>> {
  return queryStore(
    context.system,
    async () => {
      if (!stored.asked) throw new Error('the DID of the account is in MongoDB, which could not be read')
      const { user } = stored.value
      const reader = await pdsReaderOf(context)
      const did = user?.did ?? valueOrNull(memory)?.account?.did
      if (did) return reader.account(did)
      if (typeof user?.code !== 'string' || user.code === '') return null
      return reader.accountByHandle(handleUnder(user.code, pdsOf(context.env).handleDomain))
    },
    loadSdks(),
  )
}

function rulesOf(env: Env) {
  const { waitDays } = loadConfig(['signup'], env).signup
  return { waitMs: waitDays * DAY_MS, handleDomain: pdsOf(env).handleDomain }
}
