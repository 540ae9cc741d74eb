import type { SignupReader } from '../client/signup-reader.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { shellQuoted } from '../domain/shell.ts'

/**
 * The same reader, for somebody who has named people by identities that hold an address: where a status shows such a
 * person by the hash, as all of Temporal does, it shows here what was asked for. `asked`: identities by their hash.
 */
export function namedReader(reader: SignupReader, asked: ReadonlyMap<string, string>): SignupReader {
  const named = (status: SignupStatus): SignupStatus => {
    const identity = asked.get(status.identity)
    if (identity === undefined) return status
    const inWords = (text: string): string =>
      text.replaceAll(shellQuoted(status.identity), shellQuoted(identity))
    const { problem, notices } = status
    return {
      ...status,
      identity,
      problem:
        problem === null
          ? null
          : { ...problem, sentence: inWords(problem.sentence), fix: inWords(problem.fix) },
      notices: notices.map(inWords),
    }
  }
  return {
    status: async (workflowId) => {
      const status = await reader.status(workflowId)
      return status === null ? null : named(status)
    },
    list: async (filter, page) => {
      const found = await reader.list(filter, page)
      return { ...found, signups: found.signups.map(named) }
    },
  }
}
