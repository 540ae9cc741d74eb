import { act, present, type Round } from './act.ts'
import { leaks } from './check-secrets.ts'
import type { Ground } from './ground.ts'
import type { Person } from './people.ts'
import { needsCatchUp, type Plan } from './plan.ts'
import { settle } from './settle.ts'

export interface Played {
  readonly people: readonly Person[]
  /** What was not as it must be; none means that every check held. */
  readonly complaints: readonly string[]
}

let rounds = 0

/** Plays one plan on a ground, lets the world heal, and holds every store against what happened. */
export async function play(ground: Ground, plan: Plan): Promise<Played> {
  rounds += 1
  const round: Round = { plan, tag: rounds.toString(36).padStart(3, '0'), people: new Map(), gone: [] }
  const everybody = (): Person[] => [...round.people.values(), ...round.gone]
  ground.director.begin(plan.faults, (workflowId) => {
    return everybody().find(({ workflowIds }) => workflowIds.includes(workflowId))?.index ?? null
  })

  for (const step of plan.story) {
    if (step.does !== 'settle') await act(ground, round, step)
    else {
      const complaints = await settle(ground, everybody(), needsCatchUp(plan))
      if (complaints.length > 0) return { people: everybody(), complaints }
    }
  }
  for (const [who, { verifies }] of plan.people.entries()) {
    if (!round.gone.some(({ index }) => index === who)) present(ground, round, who)
    if (verifies && round.people.has(who)) await act(ground, round, { does: 'verify', who })
  }
  const complaints = await settle(ground, everybody(), needsCatchUp(plan))
  ground.director.rest()
  await ground.weather.clear() // what struck last may still be coming back
  return { people: everybody(), complaints: [...complaints, ...(await leaks(ground, everybody()))] }
}
