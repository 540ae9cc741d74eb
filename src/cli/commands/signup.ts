import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { assertIdentity, notVisibleYet } from '../lib/error-results.ts'
import { startedResult } from '../lib/started-result.ts'
import { waitUntilIdle } from '../lib/wait-until-idle.ts'

export function signupCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'signup',
    "Start one person's signup, or join the running one. For a person whose records are complete, it changes nothing.",
    [`signup ${help.system} ${help.id}`, `signup ${help.system} ${help.id} --json`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .action((system: string, id: string, options: CommonOptions) =>
      runForSystem(system, options, async (context) => {
        context.assertWrites()
        assertIdentity(context, id)
        const person = context.person(id)
        await context.acting.begin({ name: 'signup', kind: 'change', people: [id] })
        const { workflowId } = await (await context.signups()).notify(person)
        const status = await waitUntilIdle(await context.reader(), workflowId)
        return status === null ? notVisibleYet(context, id) : startedResult(context, id, status)
      }),
    )
}
