import { configOf } from './config.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { createAuth0 } from '../../adapters/auth0/auth0.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import { errorResult, notVisibleYet } from '../lib/error-results.ts'
import { runOwn, systemCommand, type CommonOptions } from '../lib/command.ts'
import { waitUntilIdle, outcomeResult } from '../lib/wait-until-idle.ts'

export function verifyCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'verify',
    'Check at the provider whether the e-mail is verified, and signal the signup if it is.',
    [`verify ${help.system} ${help.id}`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .action((system: string, id: string, options: CommonOptions) =>
      runOwn(help, 'verify', system, options, async (context) => {
        context.assertWrites()
        const person = context.person(id)
        const tenant = tenantOfIdentity(configOf(context, 'tenants').tenants, id)
        if (tenant === undefined) throw new Error(`no tenant for ${id}`)
        const known = await createAuth0(tenant).person(id.slice(tenant.idPrefix.length))
        if (known === null)
          return errorResult(`Auth0 does not know '${id}' in tenant ${tenant.name}. Nothing was signalled.`)
        if (!known.emailVerified) {
          return errorResult(`The e-mail of '${id}' is not verified at Auth0. Nothing was signalled.`)
        }
        await context.acting.begin({ name: 'verify', kind: 'change', people: [id] })
        const { workflowId } = await (await context.signups()).notify({ ...person, hint: 'emailVerified' })
        const status = await waitUntilIdle(
          await context.reader(),
          workflowId,
          ({ stage, problem }) => stage === 'waiting-for-verification' && problem === null,
        )
        return status === null ? notVisibleYet(context, id) : outcomeResult(status)
      }),
    )
}
