import pMap from 'p-map'
import { errorResult } from '../../lib/error-results.ts'
import type { CommandResult, CommonOptions } from '../../lib/command.ts'
import { confirm } from '../../lib/confirm.ts'
import type { CommandContext } from '../../lib/context.ts'
import { countedPeople } from '../../../contracts/text/counted.ts'
import type { OldDeletion } from '../../../state/ports/old-deletions.ts'

const AT_ONCE = 10

/**
 * Starts the deletion of everybody whom the provider deleted before Holdfast was installed. People whom the provider
 * knows again are not deleted, and the safety limit counts these deletions like those of current events.
 */
export async function startOldDeletions(
  context: CommandContext,
  tenants: readonly string[],
  options: CommonOptions & { readonly yes?: boolean | undefined },
): Promise<CommandResult> {
  const { oldDeletions: recorded } = await context.state()
  const all = (await Promise.all(tenants.map((tenant) => recorded.list(tenant)))).flat()
  if (all.length === 0)
    return {
      document: { started: 0 },
      text: 'No deletions from before Holdfast was installed are recorded: nothing was started.',
    }
  const people = countedPeople(all.length)
  const question = `Permanently delete ${people} whom the provider deleted before Holdfast was installed?`
  if (!(await confirm(question, options))) return errorResult('Nothing was deleted.')
  await context.acting.begin({
    name: 'catch-up --with-old-deletions',
    kind: 'destroy',
    people: all.map(({ identity }) => identity),
    scope: tenants.join(', '),
  })
  const deletions = await context.deletions()
  const start = async ({ identity, tenant, deletedAt }: OldDeletion): Promise<void> => {
    await deletions.start({ tenant, identity }, { deletedAt: deletedAt.toISOString(), predatesInstall: true })
    await recorded.remove(identity)
  }
  await pMap(all, start, { concurrency: AT_ONCE })
  return {
    document: { started: all.length },
    text:
      `Deletions started: ${all.length}. People whom the provider knows again are not deleted. ` +
      `To see blocked deletions: holdfast list ${context.system} --stuck`,
  }
}
