import type { Env } from '../config.ts'
import { withoutPersonal } from '../contracts/personal.ts'

const SECRET = /(?:PASSWORD|SECRET|TOKEN|KEY|API_KEY|URI)$/
/** Shorter values would also be found where they are no secret. */
const SHORTEST = 6

/** Takes out of every string of a document what looks personal, and every secret that the environment holds. */
export function redactor(env: Env): <T>(document: T) => T {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (SECRET.test(name) && value !== undefined ? partsOf(value) : []))
    .filter((value) => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
  const clean = (text: string): string =>
    secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), withoutPersonal(text))
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, walk(field)]))
  }
  return <T>(document: T): T => walk(document) as T
}

/** The value; of a list of keys each key; of an address the password in it. */
function partsOf(value: string): string[] {
  const keys = value.split(',').map((key) => key.slice(key.indexOf(':') + 1))
  if (!value.includes('://')) return [value, ...keys]
  const password = /\/\/[^/@]*:([^/@]+)@/.exec(value)?.[1]
  return password === undefined ? [] : [password, decodeURIComponent(password)]
}
