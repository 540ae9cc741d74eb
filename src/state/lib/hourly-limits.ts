import { hourlyLimit, type LimitedAction } from '../../domain/safety-limit.ts'

/**
 * How many actions of a kind an hour allows: by configuration, or where that says null the share of all people that
 * `hourlyLimit` computes, of which `countPeople` says how many there are.
 */
export function createHourlyLimits(
  limits: Readonly<Record<LimitedAction, number | null>>,
  countPeople: () => Promise<number>,
): (kind: LimitedAction) => Promise<number> {
  return async (kind) => {
    const configured = limits[kind]
    const all = configured === null ? await countPeople() : 0
    return hourlyLimit(kind, all, configured)
  }
}
