import type { Command } from 'commander'
import { createAuth0 } from '../adapters/auth0.ts'
import { tenantOfIdentity } from '../config/tenants.ts'
import { no, notYetSeen } from './answers.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { settled, outcomeAnswer } from './settled.ts'

export function verifyCommand(): Command {
  return systemCommand(
    'verify',
    'Ask the provider whether the e-mail is verified, and tell the signup so if it is true.',
    ["verify atproto 'auth0|6123abc'"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        const person = context.person(id)
        const tenant = tenantOfIdentity(context.config('tenants').tenants, id)
        if (tenant === undefined) throw new Error(`no tenant for ${id}`)
        const known = await createAuth0(tenant).person(id.slice(tenant.idPrefix.length))
        if (known === null)
          return no(`Auth0 does not know '${id}' in tenant ${tenant.name}. Nothing was signalled.`)
        if (!known.emailVerified) {
          return no(`Auth0 says that the e-mail of '${id}' is not verified. Nothing was signalled.`)
        }
        const { workflowId } = await (await context.signups()).tell({ ...person, hint: 'emailVerified' })
        const status = await settled(
          await context.reader(),
          workflowId,
          ({ stage, problem }) => stage === 'waiting-for-verification' && problem === null,
        )
        return status === null ? notYetSeen(id) : outcomeAnswer(status)
      }),
    )
}
