/** One source of a program. */
export interface Source {
  /** Its name in a sentence: "`mongod` on PATH". */
  readonly name: string
  /** The source counts as failed after this many milliseconds. Absent: it has a limit of its own. */
  readonly timeoutMs?: number
  /** The path of a program that has been run successfully. The signal cancels it. */
  get(signal: AbortSignal): Promise<string>
}

export interface SourceFailure {
  readonly source: string
  readonly reason: string
}

/** No source provided the program. The message lists every source, why it failed, and how to fix it. */
export class NoSourceError extends Error {
  readonly what: string
  readonly failures: readonly SourceFailure[]
  constructor(what: string, failures: readonly SourceFailure[], hint: string) {
    const tried = failures.map(({ source, reason }) => `  - ${source}: ${reason.replaceAll('\n', '\n    ')}`)
    super([`${what} could not be found or made. Tried:`, ...tried, hint].join('\n'))
    this.name = 'NoSourceError'
    this.what = what
    this.failures = failures
  }
}

/**
 * Tries each source in order and returns the first path. A source that is itself a chain adds its failures to this
 * list. Throws `NoSourceError` when all have failed.
 */
export async function fromFirstSource(chain: {
  what: string
  sources: readonly Source[]
  hint: string
  onTry?: (source: string) => void
}): Promise<string> {
  const failures: SourceFailure[] = []
  for (const source of chain.sources) {
    chain.onTry?.(source.name)
    try {
      return await withinTime(source)
    } catch (error) {
      if (error instanceof NoSourceError) failures.push(...error.failures)
      else
        failures.push({ source: source.name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  throw new NoSourceError(chain.what, failures, chain.hint)
}

async function withinTime({ timeoutMs, get }: Source): Promise<string> {
  const giveUp = new AbortController()
  if (timeoutMs === undefined) return get(giveUp.signal)
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`gave no answer within ${Math.round(timeoutMs / 1_000)} s`))
    giveUp.abort()
  }, timeoutMs)
  try {
    return await Promise.race([get(giveUp.signal), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
