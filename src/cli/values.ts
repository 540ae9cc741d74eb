import { InvalidArgumentError } from 'commander'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'

export function wholeNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 1_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.')
  return number
}

export function problemName(value: string): ProblemName {
  const problem = PROBLEMS.find((name) => name === value)
  if (problem === undefined) throw new InvalidArgumentError(`It is one of: ${PROBLEMS.join(', ')}.`)
  return problem
}
