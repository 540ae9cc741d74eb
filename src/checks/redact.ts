import type { Env } from '../config.ts'
import { withoutPersonal } from '../contracts/personal.ts'

const SECRET =
  /(?:PASSWORD|SECRET|TOKEN|KEY|KEY_DATA|URI|DB_URL|ALERT_URL|WEBHOOK_URL|SMTP_URL)$|^TEMPORAL_GRPC_META_/
/** Addresses that are secret as a whole, since anybody who has one may post to it. */
const HOOK = /(?:ALERT|WEBHOOK)_URL$/
/** A worker's name as in `src/worker/report.ts`: `<pid>@<host>`. */
const WORKER = /^\d+@[\w.-]+$/
/** Shorter values would also be found where they are not secret. */
const SHORTEST = 6

/**
 * Removes from every string of a document all text that looks personal, and every secret in the environment. `workers`:
 * identities of our own workers, which stay although `4711@host` looks like an e-mail address.
 */
export function createRedactor(env: Env, workers: readonly string[] = []): <T>(document: T) => T {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (SECRET.test(name) && value !== undefined ? partsOf(name, value) : []))
    .filter((value) => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
  const named = wordsOf(workers.filter((worker) => WORKER.test(worker)))
  const withoutAny = (text: string): string =>
    secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), withoutPersonal(text))
  // Splitting by a pattern that captures makes every second part the name of a worker.
  const clean = (text: string): string =>
    named === null
      ? withoutAny(text)
      : text
          .split(named)
          .map((part, index) => (index % 2 === 1 ? part : withoutAny(part)))
          .join('')
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, walk(field)]))
  }
  return <T>(document: T): T => walk(document) as T
}

/** Any of these names as a whole word, captured; null where there is none. */
function wordsOf(names: readonly string[]): RegExp | null {
  if (names.length === 0) return null
  const words = names.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')
  return new RegExp(String.raw`(?<![^\s"'(])(${words})(?=[.:]?(?:[\s"'),;]|$))`)
}

/** The value; of a list of keys each key; of a URL its password; of a webhook also its path. */
function partsOf(name: string, value: string): string[] {
  if (HOOK.test(name) && URL.canParse(value)) return [value, new URL(value).pathname, new URL(value).search]
  const keys = value.split(',').map((key) => key.slice(key.indexOf(':') + 1))
  if (!value.includes('://')) return [value, ...keys]
  const password = /\/\/[^/@]*:([^@]+)@/.exec(value)?.[1]
  return password === undefined ? [] : [password, decoded(password)]
}

/** A value with invalid encoding stays as it is: the report must not fail because of the data it reports. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
