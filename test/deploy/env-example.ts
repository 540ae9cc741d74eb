import { randomBytes } from 'node:crypto'
import { textOf } from './files.ts'

export type Variables = Readonly<Record<string, string>>

const LINE = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/
const REFERENCE = /\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}|\$(.?)/g

export interface ExampleVariable {
  readonly name: string
  readonly value: string
  /** Commented out: the variable is optional. */
  readonly optional: boolean
}

/** The variables of .env.example, in order, including those commented out. */
export function exampleVariables(): ExampleVariable[] {
  return textOf('.env.example')
    .split('\n')
    .flatMap((line) => {
      const [, comment, name, value = ''] = LINE.exec(line) ?? []
      if (name === undefined) return []
      return [{ name, value: value.replace(/^"(.*)"$/, '$1'), optional: comment === '#' }]
    })
}

/** Values of the right form for the variables that .env.example leaves blank; any value will do for the others. */
const SAMPLES: Variables = {
  PDS_PASSWORD_STORAGE: 'sealed',
}

/** The secrets that are commented out there, since docker compose takes them from files. */
const SECRETS: Variables = {
  MONGODB_URI: 'mongodb://holdfast:sample@mongo:27017/?replicaSet=rs0&authSource=admin',
  AUTH0_AESTHETIC_CLIENT_SECRET: 'sample-auth0-client-secret',
  AUTH0_AESTHETIC_LOG_TOKEN: 'sample-auth0-log-token',
  PDS_ADMIN_PASSWORD: 'sample-pds-admin-password',
  HOLDFAST_KEY: `sample:${randomBytes(32).toString('base64')}`,
  HOLDFAST_ID_KEY: randomBytes(32).toString('base64'),
  HOLDFAST_OPERATOR_TOKEN: 'sample-operator-token',
}

/** .env.example as an operator would fill it in, with its references to itself resolved. */
export function filledExample(): Record<string, string> {
  const filled: Record<string, string> = {}
  for (const { name, value, optional } of exampleVariables()) {
    if (optional) continue
    filled[name] =
      value === '' ? (SAMPLES[name] ?? `sample-${name.toLowerCase()}`) : interpolate(value, filled)
  }
  return filled
}

/** The same with the secrets, for a process that is started without docker compose. */
export function filledEnvironment(): Record<string, string> {
  return { ...filledExample(), ...SECRETS }
}

/**
 * Interpolates as docker compose does: `${A}`, `${A:-default}`, `${A:?message}`, `$$`. Throws for any other text after
 * a `$`.
 */
export function interpolate(text: string, variables: Variables): string {
  return text.replaceAll(REFERENCE, (whole, name?: string, form?: string, rest = '', after = '') => {
    if (name === undefined) {
      if (after === '$') return '$'
      throw new Error(`not a reference: ${whole}${after} in ${text}`)
    }
    const value = variables[name] ?? ''
    if (value !== '') return value
    if (form === '?') throw new Error(`${name} is blank: ${rest}`)
    return form === '-' ? rest : ''
  })
}

/** The names of the variables that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name]) => name ?? [])
}
