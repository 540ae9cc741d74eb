import { ConfigError } from './read.ts'

/** Collects what is wrong with several parts of the environment, so that it is named all at once. */
export interface Findings {
  /** The result of a read; undefined where it throws a `ConfigError`, whose findings are kept. */
  collect<T>(read: () => T): T | undefined
  add(finding: string): void
  /** Throws one `ConfigError` with every finding, each once; nothing where there is none. */
  throwIfAny(): void
}

export function collectFindings(): Findings {
  const findings = new Set<string>()
  return {
    collect(read) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        for (const finding of error.findings) findings.add(finding)
        return undefined
      }
    },
    add: (finding) => void findings.add(finding),
    throwIfAny() {
      if (findings.size > 0) throw new ConfigError([...findings])
    },
  }
}
