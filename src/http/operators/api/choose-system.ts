import type { OperatedSystem } from '../operated-system.ts'
import { Refused } from '../refused.ts'

/** The system of a request; the only one that is served where the request names none. */
export function chooseSystem(systems: readonly OperatedSystem[], name: string | undefined): OperatedSystem {
  const found = name === undefined ? systems : systems.filter(({ system }) => system === name)
  const [first, second] = found
  if (first === undefined) throw new Refused('system-unknown')
  if (second !== undefined)
    throw new Refused(
      'request-invalid',
      `system: must be one of ${found.map(({ system }) => system).join(', ')}`,
    )
  return first
}

/** Those of a request that may concern several. */
export function chooseSystems(
  systems: readonly OperatedSystem[],
  name: string | undefined,
): readonly OperatedSystem[] {
  return name === undefined ? systems : [chooseSystem(systems, name)]
}
