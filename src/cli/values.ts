import { InvalidArgumentError } from 'commander'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'

/** Reads an option's whole number, from 1 to as many as there may be; without `most`, any. */
export function wholeNumber(most?: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < 1 || number > (most ?? number))
      throw new InvalidArgumentError(`It is a whole number from 1${most === undefined ? '' : ` to ${most}`}.`)
    return number
  }
}

export function problemName(value: string): ProblemName {
  const problem = PROBLEMS.find((name) => name === value)
  if (problem === undefined) throw new InvalidArgumentError(`It is one of: ${PROBLEMS.join(', ')}.`)
  return problem
}
