import type { SignupReader } from '../../client/signup-reader.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'

/**
 * The same reader, for a caller who gave identities that contain an address: a status names such a person by the hash,
 * as all of Temporal does, and this replaces the hash by the given identity. `asked`: identities by their hash.
 */
export function showRequestedIdentities(
  reader: SignupReader,
  asked: ReadonlyMap<string, string>,
): SignupReader {
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
