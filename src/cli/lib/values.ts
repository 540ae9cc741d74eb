import { InvalidArgumentError } from 'commander'
import { parsePastDate } from '../../domain/typed-time.ts'
import { problemNamed, problemNames, type ProblemName } from '../../contracts/problems.ts'

/** Reads an option's whole number, from 1 to `most`; without `most` there is no upper limit. */
export function wholeNumber(most?: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < 1 || number > (most ?? number))
      throw new InvalidArgumentError(
        `It must be a whole number from 1${most === undefined ? '' : ` to ${most}`}.`,
      )
    return number
  }
}

/** A time in the past, as `--since` takes it: validated here, and passed on unchanged. */
export function pastDateOption(value: string): string {
  if (parsePastDate(value, new Date()) === null)
    throw new InvalidArgumentError(
      'It must be a duration before now, such as 10m, 2h or 3d, or a time in ISO 8601.',
    )
  return value
}

export function problemName(value: string): ProblemName {
  const problem = problemNamed(value)
  if (problem === null) throw new InvalidArgumentError(`It must be one of: ${problemNames().join(', ')}.`)
  return problem
}
