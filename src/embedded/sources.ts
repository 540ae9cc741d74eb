/** One place a program may come from. */
export interface Source {
  /** As a person would say it: "`mongod` on PATH". */
  readonly name: string
  /** After this many milliseconds the source counts as failed. Absent: it limits itself. */
  readonly timeoutMs?: number
  /** The path of a program that was seen to run. The signal tells it to give up. */
  get(signal: AbortSignal): Promise<string>
}

export interface SourceFailure {
  readonly source: string
  readonly reason: string
}

/** Nothing provided the program. The message lists every source, why it failed, and what would satisfy it. */
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
 * Asks each source in order and returns the first path. A source that is itself a chain gives its failures
 * to the list of this one. Throws `NoSourceError` when all have failed.
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
