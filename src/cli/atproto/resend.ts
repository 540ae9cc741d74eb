import { configOf } from './config.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createAuth0 } from '../../adapters/auth0/auth0.ts'
import { createAuth0Admin } from '../../adapters/auth0/admin.ts'
import { tenantOfIdentity, type TenantConfig } from '../../config/atproto/tenants.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { runOwn, systemCommand, type CommonOptions } from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { parseDuration } from '../lib/time.ts'
import { table } from '../format/print.ts'
import { wholeNumber } from '../lib/values.ts'

interface ResendOptions extends CommonOptions {
  readonly stuckWaiting?: boolean
  readonly olderThan?: number
  readonly max: number
}

type Outcome = 'sent' | 'already verified' | 'unknown to Auth0'

/** A reset later than this is too late to wait for at a terminal. */
const LONGEST_TURN_MS = 90_000

export function resendCommand(help: CommandHelp): Command {
  return systemCommand(help, 'resend', 'Have Auth0 resend the verification mail, to one person or many.', [
    `resend ${help.system} ${help.id}`,
    `resend ${help.system} --stuck-waiting --older-than 3d --max 20`,
  ])
    .argument('[id...]', `identities, as the application stores them, such as ${help.id}`)
    .option(
      '--stuck-waiting',
      'all people who have waited for their verified e-mail for longer than --older-than',
    )
    .option(
      '--older-than <time>',
      'with --stuck-waiting: only people who have waited at least this long (default: 1d)',
      parseDuration,
    )
    .option('--max <n>', 'send at most <n> mails', wholeNumber(1_000), 50)
    .action(
      (
        system: string,
        ids: string[],
        { stuckWaiting, olderThan = parseDuration('1d'), max, ...common }: ResendOptions,
      ) =>
        runOwn(help, 'resend', system, common, async (context) => {
          context.assertWrites()
          if (ids.length > 0 === (stuckWaiting === true))
            throw new UsageError('Give one or more identities, or --stuck-waiting.')
          const asked = stuckWaiting === true ? await whoWaits(context, olderThan, max + 1) : ids
          if (asked.length > max && stuckWaiting !== true)
            throw new UsageError(
              `${asked.length} mails are more than --max ${max}: raise it, or give fewer identities.`,
            )
          await context.acting.begin({ name: 'resend', kind: 'change', people: asked.slice(0, max) })
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
              rows.length === 0 ? 'No one has waited that long.' : table(['PERSON', 'MAIL'], rows),
              ...(more ? [`More people are waiting than --max ${max}.`] : []),
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
  await createAuth0Admin(tenant).sendVerificationMail(userId)
  return 'sent'
}

/** When Auth0 reports that its limit is used up, waits until the named time. */
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
  context.person(identity) // throws if no tenant owns the identity
  const tenant = tenantOfIdentity(configOf(context, 'tenants').tenants, identity)
  if (tenant === undefined) throw new Error(`no tenant for ${identity}`)
  return tenant
}
