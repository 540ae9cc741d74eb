import { randomBytes } from 'node:crypto'
import { textOf } from './files.ts'

export type Variables = Readonly<Record<string, string>>

const LINE = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/
const REFERENCE = /\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}|\$(.?)/g

export interface ExampleVariable {
  readonly name: string
  readonly value: string
  /** Commented out: it may be set, and need not be. */
  readonly optional: boolean
}

/** The variables of .env.example, in order, those commented out too. */
export function exampleVariables(): ExampleVariable[] {
  return textOf('.env.example')
    .split('\n')
    .flatMap((line) => {
      const [, comment, name, value = ''] = LINE.exec(line) ?? []
      if (name === undefined) return []
      return [{ name, value: value.replace(/^"(.*)"$/, '$1'), optional: comment === '#' }]
    })
}

/** Values of the right form for what .env.example leaves blank; anything will do for the others. */
const SAMPLES: Variables = {
  PDS_PASSWORD_STORAGE: 'sealed',
  HOLDFAST_KEY: `sample:${randomBytes(32).toString('base64')}`,
  HOLDFAST_ID_KEY: randomBytes(32).toString('base64'),
}

/** .env.example as somebody would fill it in, its references to itself resolved. */
export function filledExample(): Record<string, string> {
  const filled: Record<string, string> = {}
  for (const { name, value, optional } of exampleVariables()) {
    if (optional) continue
    filled[name] =
      value === '' ? (SAMPLES[name] ?? `sample-${name.toLowerCase()}`) : interpolate(value, filled)
  }
  return filled
}

/** As docker compose does it: `${A}`, `${A:-default}`, `${A:?message}`, `$$`. Throws for anything else after a `$`. */
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

/** The names that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name]) => name ?? [])
}
