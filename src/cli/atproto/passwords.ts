import { configOf } from './config.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import { Argument, Command } from 'commander'
import { createPds } from '../../adapters/pds/pds.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import { createKeyring } from '../../crypto/keyring.ts'
import { createStoredPasswords, newPassword } from '../../crypto/stored-password.ts'
import { UsageError } from '../../errors.ts'
import { renewAll } from './renew-passwords.ts'
import { createRenewals, type Renewals } from '../../state/mongo/atproto/renewals.ts'
import { mongoOf } from '../../state/open.ts'
import { renewalPreviewText, renewalResult } from './renewal-text.ts'
import { progressBar } from '../format/progress-bar.ts'
import { errorResult } from '../lib/error-results.ts'
import { assertTenant } from '../lib/assert-tenant.ts'
import {
  runOwn,
  systemArgument,
  withExamples,
  type CommandResult,
  type CommonOptions,
} from '../lib/command.ts'
import { confirm } from '../lib/confirm.ts'
import type { CommandContext } from '../lib/context.ts'
import { reasonText } from '../lib/reason.ts'

interface PasswordsOptions extends CommonOptions {
  readonly tenant?: string
  readonly fix?: boolean
  readonly yes?: boolean
  readonly reason?: string
}

export function passwordsCommand(help: CommandHelp): Command {
  return withExamples(
    new Command('passwords')
      .description(
        'renew: after a leak, give every account whose password is stored a new password; its sessions and app passwords are revoked. A dry run unless --fix is given. After an interruption, run it again: it continues.',
      )
      .addArgument(new Argument('<action>', 'the action').choices(['renew']))
      .addArgument(systemArgument(help)),
    [
      `passwords renew ${help.system}                                    a dry run: counts the stored passwords`,
      `passwords renew ${help.system} --fix --reason 'ticket 512'`,
      `passwords renew ${help.system} --tenant ${help.example.tenant} --fix --yes --reason 'ticket 512'`,
    ],
  )
    .option('--tenant <tenant>', 'only the people of this tenant (default: all)')
    .option('--fix', 'renew the passwords')
    .option('--yes', 'do not ask for confirmation')
    .option('--reason <text>', 'the reason; required with --fix, and recorded', reasonText)
    .action((_: string, system: string, options: PasswordsOptions) =>
      runOwn(help, 'passwords', system, options, (context) => renew(context, options)),
    )
}

async function renew(context: CommandContext, options: PasswordsOptions): Promise<CommandResult> {
  const { tenant, fix = false, yes, json, reason } = options
  if (fix) context.assertWrites()
  if (fix && reason === undefined)
    throw new UsageError("A renewal needs a reason, which is recorded: --reason '…'")
  assertTenant(context, tenant)
  const { pds, keys, tenantNames } = configOf(context, 'pds', 'keys', 'tenantNames')
  const opened = await context.opened()
  const { db } = mongoOf(opened)
  const keyring = createKeyring(keys.sealing)
  const renewals = createRenewals(db, keyring)
  const everybody = tenant === undefined || tenant === 'both'
  const isTheirs = (identity: string): boolean =>
    everybody || tenantOfIdentity(tenantNames, identity)?.name === tenant
  const total = await countTheirs(renewals, isTheirs)
  const ahead = { total, drawn: await renewals.drawn(), ...(await renewals.begun()) }
  if (!fix) {
    const text = `${renewalPreviewText(ahead)}\nNothing was changed. To renew them: holdfast passwords renew ${context.system}${everybody ? '' : ` --tenant ${tenant}`} --fix --reason '…'`
    return { document: { dryRun: true, ...ahead }, text }
  }
  if (total === 0) return errorResult('No password of an account is stored.')
  const question = `${renewalPreviewText(ahead)} Renew them? Everyone is signed out of the PDS.`
  if (!(await confirm(question, { yes, json }))) return errorResult('No password was renewed.')
  await opened.state.switches.assertNotPaused()
  const scope = everybody ? 'all people whose password is stored' : `tenant ${tenant}`
  await context.acting.begin({ name: 'passwords renew', kind: 'change', requires: 'admin', scope, reason })
  const bar = progressBar()
  try {
    const report = await renewAll(
      {
        renewals,
        pds: createPds(pds),
        newPassword,
        stored: createStoredPasswords(keyring, pds.passwordStorage).stored,
        isTheirs,
      },
      (counts) => {
        const done = Object.values(counts).reduce((sum, count) => sum + count, 0)
        bar.show({ step: `${done} of ${total}`, done, total })
      },
    )
    return renewalResult(context.system, report, await renewals.drawn())
  } finally {
    bar.done()
  }
}

async function countTheirs(
  renewals: Pick<Renewals, 'accounts'>,
  isTheirs: (identity: string) => boolean,
): Promise<number> {
  let total = 0
  for await (const page of renewals.accounts())
    total += page.filter(({ identity }) => isTheirs(identity)).length
  return total
}
