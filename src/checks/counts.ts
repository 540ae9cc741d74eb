import { allSettledOrThrow } from '../client/all-settled-or-throw.ts'
import { countWorkflows } from '../client/temporal-setup.ts'
import { signupsOf, visibility } from '../client/visibility.ts'
import { stageNames } from '../contracts/stages.ts'
import type { CheckContext } from './context.ts'

/** Runs of signups by their stage; a run that continued as new is not counted twice. */
export async function stageCounts(context: CheckContext): Promise<Record<string, number>> {
  const { client } = context.temporal()
  const counted = await allSettledOrThrow(
    stageNames(context.system).map(async (stage) => {
      const query = visibility`${signupsOf(context.system)} AND SignupStage = ${stage} AND ExecutionStatus != 'ContinuedAsNew'`
      return [stage, (await countWorkflows(client, query)) ?? 0] as const
    }),
  )
  return Object.fromEntries(counted.filter(([, count]) => count > 0))
}
