import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { errorResult, unknownPerson } from '../lib/error-results.ts'
import { deletionOf } from '../../operations/deletion-notices.ts'
import { signupStatus } from '../../operations/signup-status.ts'
import { statusResult } from '../lib/wait-until-idle.ts'

export function statusCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'status',
    "Show the stage of one person's signup, why it is blocked, and what to do.",
    [`status ${help.system} ${help.id}`, `status ${help.system} ${help.id} --json | jq .problem`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .action((system: string, id: string, options: CommonOptions) =>
      runForSystem(system, options, async (context) => {
        const status = await signupStatus(context, context.person(id))
        if (status !== null) return statusResult(status)
        const deletion = await deletionOf(context, id)
        return deletion === null ? unknownPerson(context, id) : errorResult(deletion)
      }),
    )
}
