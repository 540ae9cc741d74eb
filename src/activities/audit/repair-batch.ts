import type { RepairFailure } from '../../contracts/backfill.ts'
import type { System } from '../../contracts/systems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import type { PersonToRepair } from '../../state/ports/audit-findings.ts'

/** Repairs a batch at once; safe to repeat. Returns the people who failed, where it knows them. */
export type BatchRepair = (people: readonly PersonToRepair[]) => Promise<readonly RepairFailure[]>

/**
 * Repairs these people and returns those who failed, in order. If the store refuses a record, the batch is split in
 * halves until that record is found, so a single one costs about two statements for each halving. Every other error,
 * such as an outage, is thrown: a repetition of the whole batch is safe.
 */
export async function repairBatch(
  system: System,
  people: readonly PersonToRepair[],
  repair: BatchRepair,
): Promise<readonly RepairFailure[]> {
  if (people.length === 0) return []
  try {
    return await repair(people)
  } catch (error) {
    if (!(error instanceof OutsideError) || !error.refusesRecord) throw error
    const [only] = people
    if (people.length === 1 && only !== undefined) return [failureOf(system, only, error)]
  }
  const middle = Math.ceil(people.length / 2)
  const first = await repairBatch(system, people.slice(0, middle), repair)
  const second = await repairBatch(system, people.slice(middle), repair)
  return [...first, ...second]
}

function failureOf(system: System, { identity }: PersonToRepair, error: OutsideError): RepairFailure {
  const { problem, detail } = error
  return { identity, problem, ...problemText(problem, { system, identity, detail }) }
}
