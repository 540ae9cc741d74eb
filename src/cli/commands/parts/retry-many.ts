import { waitForBatch, startBatchRetry } from '../../../client/batch-retry.ts'
import type { ProblemName } from '../../../contracts/problems.ts'
import { EXIT } from '../../../errors.ts'
import { errorResult } from '../../lib/error-results.ts'
import type { CommandResult } from '../../lib/command.ts'
import type { CommandContext } from '../../lib/context.ts'

/** How long the command waits for the end of the batch; the batch itself continues either way. */
const LONGEST_MS = 120_000

/** Retries everybody whom one problem blocks, in one batch operation of Temporal. */
export async function retryMany(context: CommandContext, problem: ProblemName): Promise<CommandResult> {
  const client = await context.temporal()
  await context.acting.begin({ name: 'retry', kind: 'change', scope: `everyone blocked by ${problem}` })
  const batch = await startBatchRetry(client, context.system, [problem], 'requested by holdfast retry')
  if (batch === 'nobody') {
    return { document: { problem, matched: 0, jobId: null }, text: `No signup is blocked by ${problem}.` }
  }
  if (batch === 'busy')
    return errorResult('Temporal is still processing another batch. Try again when it is done.')
  const { jobId, matched } = batch
  const { done, failed, ended } = await waitForBatch(client, jobId, LONGEST_MS)
  const how = ended
    ? `${done} signalled, ${failed} failed (usually already finished).`
    : `It is still running: temporal batch describe --job-id ${jobId}`
  return {
    document: { problem, matched, jobId, done, failed, ended },
    text: `${matched} blocked by ${problem}, batch ${jobId}. ${how}`,
    exitCode: ended ? EXIT.done : EXIT.failed,
  }
}
