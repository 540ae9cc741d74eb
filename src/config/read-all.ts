import { collectFindings } from './findings.ts'
import type { Env } from './read.ts'
import { sharedSecrets, type NamedSecret } from './secrets.ts'

/** How each section of a configuration is read; a reader throws a `ConfigError` that names what is wrong. */
export type Readers<T> = { readonly [S in keyof T]: (env: Env) => T[S] }

/**
 * Reads these sections, and compares their secrets, as `secretsOf` names them. Throws one `ConfigError` with everything
 * that is wrong.
 */
export function readAll<T, S extends keyof T>(
  readers: Readers<T>,
  sections: readonly S[],
  env: Env,
  secretsOf: (found: Partial<T>) => NamedSecret[],
): Pick<T, S> {
  const findings = collectFindings()
  const found: Partial<T> = {}
  for (const section of sections)
    findings.collect(() => {
      found[section] = readers[section](env)
    })
  for (const finding of sharedSecrets(secretsOf(found))) findings.add(finding)
  findings.throwIfAny()
  return found as Pick<T, S>
}

/**
 * The results of several reads of the environment. Throws one `ConfigError` with everything that is wrong in any of
 * them; another error is thrown as it is.
 */
export async function readTogether<T extends unknown[]>(
  ...reads: { readonly [I in keyof T]: () => T[I] | Promise<T[I]> }
): Promise<T> {
  const results = await Promise.allSettled(reads.map(async (read) => read()))
  const findings = collectFindings()
  const values = results.map((result) =>
    findings.collect(() => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    }),
  )
  findings.throwIfAny()
  return values as T
}
