import { createPeopleSearch } from '../../adapters/mongo/people-search.ts'
import { createPersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import { ConfigError } from '../../config.ts'
import { handleUnder, labelOf } from '../../domain/atproto/handle.ts'
import { queryStore, valueOrNull, type StoreResult } from '../query-store.ts'
import { databaseOf } from './database.ts'
import type { PersonContext, ResolvedPerson } from '../one-person.ts'
import { auth0AdminOf, loadSdks, pdsOf, pdsReaderOf, tenantsOf } from './sources.ts'

/** An address: some text, `@`, and a domain with a dot. A handle begins with its `@`. */
const ADDRESS = /^[^@\s|]+@[^@\s]+\.[^@\s]+$/

/**
 * Finds the person an operator means: by an e-mail address, a user code (also a former one), a DID, or a handle, short
 * (with or without `@`) or full as on the PDS.
 */
export async function resolvePerson(words: string, outside: PersonContext): Promise<ResolvedPerson> {
  if (ADDRESS.test(words)) return byAddress(words, outside)
  const search = searchFor(words, domainOf(outside))
  const [found, remembered] = await Promise.all([
    queryStore(outside.system, async () => createPeopleSearch(await databaseOf(outside)).find(search)),
    queryStore(outside.system, async () => createPersonMemory(await databaseOf(outside)).find(search)),
  ])
  const known = merged([
    ['MongoDB', found],
    ['MongoDB', remembered],
  ])
  return known.matches.length > 0 ? known : byAccount(search, outside, known)
}

/** No record names the handle: the PDS knows its DID, and whether it hosts that account at all. */
async function byAccount(
  { did, accountHandles }: ReturnType<typeof searchFor>,
  outside: PersonContext,
  known: ResolvedPerson,
): Promise<ResolvedPerson> {
  const asked = await queryStore(
    outside.system,
    async () => {
      const look = await pdsReaderOf(outside)
      if (did.startsWith('did:')) return look.account(did)
      for (const handle of accountHandles.filter((one) => one.includes('.'))) {
        const account = await look.accountByHandle(handle)
        if (account !== null) return account
      }
      return null
    },
    loadSdks(),
  )
  if (!asked.asked) return { ...known, unavailable: [...known.unavailable, `PDS: ${asked.because}`] }
  const account = asked.value
  if (account === null) return known
  const owner = await queryStore(outside.system, async () =>
    createPersonMemory(await databaseOf(outside)).ownersOf([account.did]),
  )
  const identities = valueOrNull(owner)?.get(account.did)
  if (identities !== undefined) return { ...known, matches: [...identities] }
  const unowned = `The PDS hosts ${account.did}, handle ${account.handle}. No user record refers to it, and Holdfast has no record of its owner.`
  return { ...known, unowned }
}

async function byAddress(email: string, outside: PersonContext): Promise<ResolvedPerson> {
  const asked = await Promise.all(
    tenantsOf(outside.env).map(async (tenant): Promise<[string, StoreResult<string[]>]> => {
      const found = await queryStore(
        outside.system,
        async () =>
          (await (await auth0AdminOf(tenant)).idsByEmail(email)).map((userId) => tenant.idPrefix + userId),
        loadSdks(),
      )
      return [`Auth0 (${tenant.name})`, found]
    }),
  )
  return merged(asked)
}

function merged(answers: readonly (readonly [string, StoreResult<string[]>])[]): ResolvedPerson {
  return {
    matches: [...new Set(answers.flatMap(([, answer]) => (answer.asked ? answer.value : [])))],
    unavailable: answers.flatMap(([store, answer]) => (answer.asked ? [] : [`${store}: ${answer.because}`])),
  }
}

/** Null where no PDS is configured: short handles and codes can be looked up without it. */
function domainOf(outside: PersonContext): string | null {
  try {
    return pdsOf(outside.env).handleDomain
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function searchFor(words: string, domain: string | null) {
  const bare = words.replace(/^@/, '')
  const suffix = domain === null ? null : `.${domain.replace(/^\./, '')}`
  const whole = suffix !== null && bare.toLowerCase().endsWith(suffix)
  const label = whole ? bare.slice(0, -suffix.length) : bare
  const onPds = labelOf(label)
  return {
    id: words,
    did: words,
    code: label.toLowerCase(),
    chosenHandle: label,
    ...handlesOf(bare, onPds === null || domain === null ? null : handleUnder(onPds, domain)),
  }
}

function handlesOf(bare: string, whole: string | null) {
  const handles = [bare.toLowerCase(), ...(whole === null ? [] : [whole])]
  return { accountHandles: handles, handles }
}
