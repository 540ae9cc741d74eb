import { z } from 'zod'

export type Env = Readonly<Record<string, string | undefined>>

/** Lists everything that is wrong with the environment at once. */
export class ConfigError extends Error {
  readonly findings: readonly string[]
  constructor(findings: readonly string[]) {
    super(['The environment is incomplete:', ...findings.map((finding) => `  ${finding}`)].join('\n'))
    this.name = 'ConfigError'
    this.findings = findings
  }
}

/** Parses variables by their schemas; an empty one counts as absent. */
export function read<T extends z.ZodRawShape>(env: Env, shape: T): z.infer<z.ZodObject<T>> {
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, env[name] || undefined]))
  const result = z.object(shape).safeParse(given)
  if (result.success) return result.data
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => {
      const name = String(path[0])
      return given[name] === undefined
        ? `${name} is missing` + (message.startsWith('must') ? `: it ${message}` : '')
        : `${name} ${message}`
    }),
  )
}
