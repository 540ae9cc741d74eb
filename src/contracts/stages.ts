import { stepNames, type SignupStep } from './history.ts'
import type { System } from './systems.ts'

/** Stages that end a run. All of them close the workflow as Completed, with the stage in its result. */
export const END_STAGES = ['completed', 'expired', 'refused', 'deleted'] as const

export type EndStage = (typeof END_STAGES)[number]

/** Stages of a signup, in words an operator reads: the step that comes next, or the end. */
export type Stage = SignupStep | EndStage

/** The stages of one system in order, or of all systems. */
export function stageNames(system?: System): [Stage, ...Stage[]] {
  return [...stepNames(system), ...END_STAGES]
}

export function isEndStage(stage: Stage): stage is EndStage {
  return END_STAGES.some((end) => end === stage)
}
