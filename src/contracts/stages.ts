/** Stages of a signup, in words an operator reads. */
export const STAGES = [
  'recording',
  'creating-code',
  'creating-user',
  'waiting-for-verification',
  'creating-account',
  'completed',
  'expired',
  'refused',
  'deleted',
] as const
export type Stage = (typeof STAGES)[number]

/** Stages that end a run. All of them close the workflow as Completed, with the stage in its result. */
export const END_STAGES = ['completed', 'expired', 'refused', 'deleted'] as const satisfies Stage[]

export function isEndStage(stage: Stage): boolean {
  return END_STAGES.some((end) => end === stage)
}
