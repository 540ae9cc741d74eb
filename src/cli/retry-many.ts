import { batchEnd, startBatchRetry } from '../client/batch-retry.ts'
import type { ProblemName } from '../contracts/problems.ts'
import { EXIT } from '../entry.ts'
import { no } from './answers.ts'
import type { Answer } from './command.ts'
import type { CommandContext } from './context.ts'

/** How long the command waits for the batch's end; the batch itself goes on whether anybody waits or not. */
const LONGEST_MS = 120_000

/** Tells everybody whom one problem holds up to try again, in one operation of Temporal's own. */
export async function retryMany(context: CommandContext, problem: ProblemName): Promise<Answer> {
  const client = await context.temporal()
  const batch = await startBatchRetry(client, [problem], 'asked for by holdfast retry')
  if (batch === 'nobody') {
    return { document: { problem, matched: 0, jobId: null }, text: `Nobody is held up by ${problem}.` }
  }
  if (batch === 'busy') return no('Temporal is at work on another batch. Ask again when it is done.')
  const { jobId, matched } = batch
  const { done, failed, ended } = await batchEnd(client, jobId, LONGEST_MS)
  const how = ended
    ? `${done} told, ${failed} could not be told (mostly: they had gone on).`
    : `It still runs: temporal batch describe --job-id ${jobId}`
  return {
    document: { problem, matched, jobId, done, failed, ended },
    text: `${matched} held up by ${problem}, batch ${jobId}. ${how}`,
    exitCode: ended ? EXIT.done : EXIT.failed,
  }
}
