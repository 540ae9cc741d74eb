import { createPeopleSearch } from '../adapters/mongo/people-search.ts'
import { ConfigError } from '../config.ts'
import { handleLabel, handleUnder } from '../domain/handle.ts'
import { ask, type Answered } from './ask.ts'
import { deskOf, type WhyOutside } from './outside.ts'

export interface Resolved {
  /** Identities the words may mean. */
  readonly matches: readonly string[]
  /** Who could not be asked, each a sentence. */
  readonly unasked: readonly string[]
}

/** An address: something, `@`, something with a dot. A handle's `@` comes first. */
const ADDRESS = /^[^@\s|]+@[^@\s]+\.[^@\s]+$/

/**
 * Whom an operator means: an identity as the application stores it (it holds a `|`), an e-mail address, a user code, or
 * a handle, bare (with or without `@`) or whole as on the PDS.
 */
export async function resolvePerson(words: string, outside: WhyOutside): Promise<Resolved> {
  if (words.includes('|')) return { matches: [words], unasked: [] }
  if (ADDRESS.test(words)) return byAddress(words, outside)
  const found = await ask(() => createPeopleSearch(outside.db()).find(wordsFor(words, domainOf(outside))))
  return together([['MongoDB', found]])
}

async function byAddress(email: string, outside: WhyOutside): Promise<Resolved> {
  const asked = await Promise.all(
    outside.tenants().map(async (tenant): Promise<[string, Answered<string[]>]> => {
      const found = await ask(async () =>
        (await (await deskOf(tenant)).idsByEmail(email)).map((userId) => tenant.idPrefix + userId),
      )
      return [`Auth0 (${tenant.name})`, found]
    }),
  )
  return together(asked)
}

function together(answers: readonly (readonly [string, Answered<string[]>])[]): Resolved {
  return {
    matches: [...new Set(answers.flatMap(([, answer]) => (answer.asked ? answer.value : [])))],
    unasked: answers.flatMap(([store, answer]) => (answer.asked ? [] : [`${store}: ${answer.because}`])),
  }
}

/** Null where no PDS is configured: bare handles and codes can be looked for without. */
function domainOf(outside: WhyOutside): string | null {
  try {
    return outside.pds().handleDomain
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function wordsFor(words: string, domain: string | null) {
  const bare = words.replace(/^@/, '')
  const suffix = domain === null ? null : `.${domain.replace(/^\./, '')}`
  const whole = suffix !== null && bare.toLowerCase().endsWith(suffix)
  const label = whole ? bare.slice(0, -suffix.length) : bare
  const onPds = handleLabel(label)
  return {
    id: words,
    code: label.toLowerCase(),
    chosen: label,
    accountHandles: [
      bare.toLowerCase(),
      ...(onPds === null || domain === null ? [] : [handleUnder(onPds, domain)]),
    ],
  }
}
