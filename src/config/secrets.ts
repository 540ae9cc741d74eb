import { createHash } from 'node:crypto'
import { z } from 'zod'
import { text } from './values.ts'

const SHORTEST = 16
/**
 * Fewest different characters: 16 random hex characters have fewer than six once in two million times, base64 never.
 */
const FEWEST_DIFFERENT = 6
/** Fewest different bytes: 32 random bytes have about 30. */
const FEWEST_DIFFERENT_BYTES = 12

const HOW = 'openssl rand -hex 24'

/** A secret of Holdfast's own, so it can be required to be hard to guess. */
export const strongSecret = text
  .min(SHORTEST, { error: `must be at least ${SHORTEST} characters: ${HOW}`, abort: true })
  .refine((value) => new Set(value).size >= FEWEST_DIFFERENT, {
    error: `must contain more distinct characters: ${HOW}`,
  })
  .refine((value) => !isRepetition(value), { error: `must not be a repetition of a shorter text: ${HOW}` })

/** A text that is a shorter one several times is found again in its double before its end. */
function isRepetition(value: string): boolean {
  return (value + value).indexOf(value, 1) < value.length
}

/** Several secrets while one replaces another; the first is the current one. */
export const strongSecrets = text.transform((value, context): [string, ...string[]] => {
  const [first = '', ...others] = value.split(',').map((secret) => secret.trim())
  for (const secret of [first, ...others]) {
    const result = strongSecret.safeParse(secret)
    if (result.success) continue
    for (const { message } of result.error.issues) context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return [first, ...others]
})

/** Whether key bytes look made up rather than random. */
export function isLowEntropy(bytes: Uint8Array): boolean {
  return new Set(bytes).size < FEWEST_DIFFERENT_BYTES
}

/** A secret by the name to show, and its hash. */
export interface NamedSecret {
  readonly name: string
  readonly hash: string
}

export function nameSecret(name: string, secret: string | Uint8Array): NamedSecret {
  return { name, hash: createHash('sha256').update(secret).digest('hex') }
}

/** Secrets that two variables share: a leak of one is a leak of the other. One sentence for each group. */
export function sharedSecrets(secrets: readonly NamedSecret[]): string[] {
  const names = Map.groupBy(secrets, ({ hash }) => hash)
  return [...names.values()]
    .filter((same) => same.length > 1)
    .map(
      (same) =>
        `${same.map(({ name }) => name).join(' and ')} must differ; to make another value, run ${HOW}`,
    )
}
