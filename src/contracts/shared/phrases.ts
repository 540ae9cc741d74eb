import { shellQuoted } from '../text/shell.ts'
import type { ProblemContext } from '../words.ts'

export const byItself = 'Retries are automatic'
export const otherVersion = 'The usual cause is a worker of another version: deploy the right one.'

/** The command that retries the person's signup, or the signups of everybody who has the problem. */
export function retryOne({ system, identity, many }: ProblemContext): string {
  return `holdfast retry ${system} ${many === undefined ? shellQuoted(identity) : `--problem ${many}`}`
}

/** A part of a sentence that is left out where its detail is not known. */
export function said(before: string, detail: string | undefined): string {
  return detail === undefined ? '' : `${before}${detail}`
}
