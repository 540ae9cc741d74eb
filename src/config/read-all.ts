import { ConfigError, type Env } from './read.ts'
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
  const findings: string[] = []
  const found: Partial<T> = {}
  for (const section of sections) {
    try {
      found[section] = readers[section](env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      findings.push(...error.findings)
    }
  }
  findings.push(...sharedSecrets(secretsOf(found)))
  if (findings.length > 0) throw new ConfigError([...new Set(findings)])
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
  const findings = results.flatMap((result) => {
    if (result.status === 'fulfilled') return []
    if (!(result.reason instanceof ConfigError)) throw result.reason
    return result.reason.findings
  })
  if (findings.length > 0) throw new ConfigError([...new Set(findings)])
  return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as T
}
