import type { SignupStatus } from '../../contracts/signup.ts'
import { whyDeleted } from '../../operations/deletion-notices.ts'
import type { CommandResult } from './command.ts'
import type { CommandContext } from './context.ts'
import { outcomeResult } from './wait-until-idle.ts'

/**
 * The result of a command that started a signup; without a person to sign up it says that, and not that they were
 * deleted.
 */
export async function startedResult(
  context: CommandContext,
  id: string,
  status: SignupStatus,
): Promise<CommandResult> {
  if (status.stage !== 'deleted') return outcomeResult(status)
  const reason = await whyDeleted(context, id, status.tenant)
  return { ...outcomeResult({ ...status, notices: [...status.notices, reason] }), text: reason }
}
