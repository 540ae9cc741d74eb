import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { OPERATOR_ROLES, type OperatorRole } from '../domain/operators.ts'
import { ConfigError, read, type Env } from './read.ts'
import { strongSecret } from './secrets.ts'
import { isLoopbackHost, text } from './values.ts'

/** A person who operates Holdfast. Only the hash of their token is known. */
export interface Operator {
  readonly name: string
  readonly role: OperatorRole
  /** SHA-256 of the token; null for a person who signs in elsewhere: at a proxy or an OpenID Connect issuer. */
  readonly tokenHash: Buffer | null
}

export interface OperatorConfig {
  /** The operators whose bearer tokens the server accepts. */
  readonly operators: readonly Operator[]
  /** Access to the codec endpoint: with a token, without one on this machine alone, or none in this process. */
  readonly codec: 'token' | 'open' | 'off'
}

/** The caller of a command, where a token of HOLDFAST_OPERATORS identifies one; null otherwise. */
export type CallerConfig = Pick<Operator, 'name' | 'role'> | null

const ENTRY = /^([a-z0-9][a-z0-9._-]{0,63}):([a-z]+):([0-9a-f]{64}|sso)$/

/**
 * Parses `<name>:<role>:<SHA-256 of the token, in hex>`, separated by commas; `holdfast operators new` prints one.
 * `sso` in place of the hash: the person has no token.
 */
const operatorList = text.transform((value, context): Operator[] => {
  const entries = value.split(',').map((entry): Operator | null => {
    const [, name, role, hash] = ENTRY.exec(entry.trim()) ?? []
    const known = OPERATOR_ROLES.find((one) => one === role)
    if (name === undefined || known === undefined || hash === undefined) return null
    return { name, role: known, tokenHash: hash === 'sso' ? null : Buffer.from(hash, 'hex') }
  })
  const operators = entries.filter((entry) => entry !== null)
  const problem =
    operators.length < entries.length
      ? `must be <name>:<${OPERATOR_ROLES.join(' or ')}>:<SHA-256 of the token in hex, or sso>, separated by commas: holdfast operators new`
      : isRepeated(operators)
        ? 'must give each operator a unique name and token'
        : null
  if (problem === null) return operators
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})

/**
 * The operators of a server: those in HOLDFAST_OPERATORS, or else one admin called `operator` with
 * HOLDFAST_OPERATOR_TOKEN.
 */
export function readOperator(env: Env): OperatorConfig {
  const { HOLDFAST_CODEC, HOST } = read(env, {
    HOLDFAST_CODEC: z
      .enum(['token', 'open', 'off'], {
        error: 'must be token, off (if the codec is a separate service), or open (only if HOST is 127.0.0.1)',
      })
      .default('token'),
    HOST: text.default('0.0.0.0'),
  })
  if (HOLDFAST_CODEC === 'open' && !isLoopbackHost(HOST)) {
    throw new ConfigError([
      'HOLDFAST_CODEC must not be open unless HOST is 127.0.0.1: it decrypts values for every client',
    ])
  }
  if (HOLDFAST_CODEC === 'off') return { operators: [], codec: HOLDFAST_CODEC }
  const operators = namedOperators(env)
  if (operators !== null) return { operators, codec: HOLDFAST_CODEC }
  const { HOLDFAST_OPERATOR_TOKEN } = read(env, { HOLDFAST_OPERATOR_TOKEN: strongSecret })
  return { operators: [onlyOperator(HOLDFAST_OPERATOR_TOKEN)], codec: HOLDFAST_CODEC }
}

/** Those in HOLDFAST_OPERATORS; null where it is not set. */
export function namedOperators(env: Env): Operator[] | null {
  return read(env, { HOLDFAST_OPERATORS: operatorList.optional() }).HOLDFAST_OPERATORS ?? null
}

/** The one admin with HOLDFAST_OPERATOR_TOKEN, for a server without HOLDFAST_OPERATORS; none without it. */
export function operatorOfToken(env: Env): Operator[] {
  const { HOLDFAST_OPERATOR_TOKEN } = read(env, { HOLDFAST_OPERATOR_TOKEN: strongSecret.optional() })
  return HOLDFAST_OPERATOR_TOKEN === undefined ? [] : [onlyOperator(HOLDFAST_OPERATOR_TOKEN)]
}

function onlyOperator(token: string): Operator {
  return { name: 'operator', role: 'admin', tokenHash: hashOf(token) }
}

/**
 * Without HOLDFAST_OPERATORS a token identifies no person: everybody with access to the container can use the token in
 * its environment.
 */
export function readCaller(env: Env): CallerConfig {
  const { HOLDFAST_OPERATORS, HOLDFAST_OPERATOR_TOKEN } = read(env, {
    HOLDFAST_OPERATORS: operatorList.optional(),
    HOLDFAST_OPERATOR_TOKEN: text.optional(),
  })
  if (HOLDFAST_OPERATORS === undefined || HOLDFAST_OPERATOR_TOKEN === undefined) return null
  const found = operatorOf(HOLDFAST_OPERATORS, HOLDFAST_OPERATOR_TOKEN)
  if (found !== null) return { name: found.name, role: found.role }
  throw new ConfigError([
    'HOLDFAST_OPERATOR_TOKEN must be the token of an operator in HOLDFAST_OPERATORS, or unset',
  ])
}

/** Compares with every operator, in a time that does not reveal where a token differs. */
export function operatorOf(operators: readonly Operator[], token: string): Operator | null {
  const given = hashOf(token)
  return (
    operators.filter(({ tokenHash }) => tokenHash !== null && timingSafeEqual(given, tokenHash))[0] ?? null
  )
}

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

function isRepeated(operators: readonly Operator[]): boolean {
  const names = new Set(operators.map(({ name }) => name))
  const hashes = operators.flatMap(({ tokenHash }) => tokenHash?.toString('hex') ?? [])
  return names.size < operators.length || new Set(hashes).size < hashes.length
}
