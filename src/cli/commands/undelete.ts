import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { tombstonesOf } from '../../operations/deletion-notices.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { assertIdentity, errorResult } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { reasonText } from '../lib/reason.ts'

interface UndeleteOptions extends CommonOptions {
  readonly reason: string
}

export function undeleteCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'undelete',
    'Let a deleted person sign up again, by removing the tombstone. Deleted data is not restored.',
    [`undelete ${help.system} ${help.id} --reason 'ticket 512'`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .requiredOption('--reason <text>', 'the reason, for the record; no e-mail addresses', reasonText)
    .action((system: string, id: string, { reason, ...common }: UndeleteOptions) =>
      runForSystem(system, common, async (context) => {
        context.assertWrites()
        assertIdentity(context, id)
        context.person(id)
        const tombstones = await tombstonesOf(context)
        const found = await tombstones.find(id)
        if (found === null) return errorResult(`'${id}' was not deleted: there is no tombstone to remove.`)
        if (found.finishedAt === null)
          return errorResult(
            `The deletion of '${id}' is still running. To see whether it is blocked: holdfast list ${system} --stuck`,
          )
        await context.acting.begin({ name: 'undelete', kind: 'change', people: [id], reason })
        await tombstones.lift(id, found)
        return {
          document: { system, identity: id, undeleted: true, deletedAt: found.at.toISOString(), reason },
          text:
            `'${id}' can sign up again; they were deleted as of ${found.at.toISOString()}. ` +
            `To start their signup: holdfast signup ${system} ${shellQuoted(id)}`,
        }
      }),
    )
}
