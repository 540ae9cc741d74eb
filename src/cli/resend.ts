import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createAuth0 } from '../adapters/auth0.ts'
import { createAuth0Desk } from '../adapters/auth0-desk.ts'
import { tenantOfIdentity, type TenantConfig } from '../config/tenants.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { EXIT, UsageError } from '../entry.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import type { CommandContext } from './context.ts'
import { span } from './moment.ts'
import { table } from './print.ts'
import { wholeNumber } from './values.ts'

interface ResendOptions extends CommonOptions {
  readonly stuckWaiting?: boolean
  readonly olderThan?: number
  readonly max: number
}

type Outcome = 'sent' | 'already verified' | 'unknown to Auth0'

/** A reset further away than this is for later, not for somebody at a terminal. */
const LONGEST_TURN_MS = 90_000

export function resendCommand(): Command {
  return systemCommand('resend', 'Have Auth0 send the verification mail again, to one person or many.', [
    "resend atproto 'auth0|6123abc'",
    'resend atproto --stuck-waiting --older-than 3d --max 20',
  ])
    .argument('[id...]', "identities, as the application stores them, such as 'auth0|6123abc'")
    .option('--stuck-waiting', 'everybody whose signup has waited long for the verified e-mail')
    .option(
      '--older-than <time>',
      'with --stuck-waiting: only who has waited for so long (default: 1d)',
      span,
    )
    .option('--max <n>', 'no more mails than this', wholeNumber(1_000), 50)
    .action(
      (
        system: string,
        ids: string[],
        { stuckWaiting, olderThan = span('1d'), max, ...common }: ResendOptions,
      ) =>
        answer(system, common, async (context) => {
          context.assertWrites()
          if (ids.length > 0 === (stuckWaiting === true))
            throw new UsageError('Say to whom: one or more identities, or --stuck-waiting.')
          const asked = stuckWaiting === true ? await whoWaits(context, olderThan, max + 1) : ids
          if (asked.length > max && stuckWaiting !== true)
            throw new UsageError(`${asked.length} mails are more than --max ${max}: raise it, or name fewer.`)
          const results: { identity: string; outcome: Outcome }[] = []
          for (const identity of asked.slice(0, max)) {
            const tenant = tenantOf(context, identity)
            results.push({ identity, outcome: await inTurn(() => sendOne(tenant, identity)) })
          }
          const more = asked.length > max
          const sent = results.filter(({ outcome }) => outcome === 'sent').length
          const rows = results.map(({ identity, outcome }) => [identity, outcome])
          return {
            document: { sent, results, more },
            text: [
              rows.length === 0 ? 'Nobody has waited that long.' : table(['PERSON', 'MAIL'], rows),
              ...(more ? [`More of them wait than --max ${max}.`] : []),
            ].join('\n\n'),
            exitCode: sent === results.length ? EXIT.done : EXIT.failed,
          }
        }),
    )
}

async function sendOne(tenant: TenantConfig, identity: string): Promise<Outcome> {
  const userId = identity.slice(tenant.idPrefix.length)
  const person = await createAuth0(tenant).person(userId)
  if (person === null) return 'unknown to Auth0'
  if (person.emailVerified) return 'already verified'
  await createAuth0Desk(tenant).sendVerificationMail(userId)
  return 'sent'
}

/** Waits where Auth0 says that its limit is used up, until the time it names. */
async function inTurn<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send()
    } catch (error) {
      const reset = error instanceof OutsideError ? error.retryAt : null
      const wait = reset === null ? Number.POSITIVE_INFINITY : reset.getTime() - Date.now()
      if (wait > LONGEST_TURN_MS) throw error
      await sleep(Math.max(wait, 0) + 1_000)
    }
  }
}

async function whoWaits(context: CommandContext, olderThanMs: number, most: number): Promise<string[]> {
  const reader = await context.reader()
  const before = Date.now() - olderThanMs
  const found: string[] = []
  let next: string | undefined
  do {
    const page = await reader.list({ stage: 'waiting-for-verification', running: true }, { size: 100, next })
    const long = page.signups.filter(({ stageSince }) => Date.parse(stageSince) <= before)
    found.push(...long.map(({ identity }) => identity))
    next = page.next ?? undefined
  } while (next !== undefined && found.length < most)
  return found.slice(0, most)
}

function tenantOf(context: CommandContext, identity: string): TenantConfig {
  context.person(identity) // says whose it is not
  const tenant = tenantOfIdentity(context.config('tenants').tenants, identity)
  if (tenant === undefined) throw new Error(`no tenant for ${identity}`)
  return tenant
}
