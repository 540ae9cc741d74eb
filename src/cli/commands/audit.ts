import type { CommandHelp } from '../../systems/command-part.ts'
import { Option, type Command } from 'commander'
import type { AuditInput, AuditResult } from '../../contracts/audit.ts'
import type { PersonRow } from '../../contracts/audit.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { unknownEverywhere } from '../lib/error-results.ts'
import { assertTenant } from '../lib/assert-tenant.ts'
import { collectAll } from '../lib/collect-all.ts'
import { auditText, findingsCsv, peopleCsv } from '../format/audit.ts'
import { runForSystem, systemCommand, systemsWith, type CommonOptions } from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { personContext } from '../../operations/context.ts'
import { isUnknownPerson } from '../lib/unknown-person.ts'
import { pastDateOption, wholeNumber } from '../lib/values.ts'
import { progressBar } from '../format/progress-bar.ts'
import { reasonText, requireReason } from '../lib/reason.ts'

interface AuditOptions extends CommonOptions {
  readonly tenant?: string
  readonly last?: number
  readonly since?: string
  readonly id?: string
  readonly showEmail?: boolean
  readonly reason?: string
  readonly summary?: boolean
  readonly format?: 'csv'
}

export function auditCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'audit',
    'Compare all people across all stores and report each gap: missing, wrong, or unowned records. Changes nothing.',
    [
      `audit ${help.system}`,
      `audit ${help.system} --last 10              one row per person, healthy ones too`,
      `audit ${help.system} --id ${help.id}`,
      `audit ${help.system} --last 10 --show-email --reason 'ticket 512'`,
      help.example.tenant && `audit ${help.system} --tenant ${help.example.tenant} --summary`,
      `audit ${help.system} --since 2h --json | jq .gaps`,
      `audit ${help.system} --last 500 --format csv > people.csv`,
    ],
  )
    .option('--tenant <tenant>', 'only this tenant (default: all)')
    .option('--last <n>', 'only the last <n> people who signed up, one row each', wholeNumber())
    .option(
      '--since <when>',
      'only people who signed up since then: 10m, 2h, 3d, or a time in ISO 8601',
      pastDateOption,
    )
    .option('--id <id>', 'only this person, as one row')
    .option(
      '--show-email',
      "add each person's e-mail address at the provider to the rows; needs --reason, and is recorded",
    )
    .option('--reason <text>', 'the reason for showing addresses; it is recorded', reasonText)
    .option('--summary', 'print counts and gaps only, without the findings')
    .addOption(
      new Option('--format <format>', 'print the rows in this format, for other programs').choices(['csv']),
    )
    .action((system: string, options: AuditOptions) =>
      runForSystem(system, options, async (context) => {
        const { tenant, last, since, id, summary = false, format, showEmail = false } = options
        if (id !== undefined) context.person(id)
        if (id !== undefined && (last !== undefined || since !== undefined))
          throw new UsageError('--id cannot be combined with --last or --since.')
        if (showEmail && id === undefined && last === undefined && since === undefined)
          throw new UsageError('--show-email needs --last, --since or --id: only these print rows.')
        if (showEmail && (await context.served.onePerson()).withEmails === undefined)
          throw await emailsMissing(context)
        const reason = showEmail ? requireReason(options.reason, 'An address') : null
        assertTenant(context, tenant)
        const input: AuditInput = {
          ...(tenant === undefined ? {} : { tenant }),
          ...(last === undefined ? {} : { last }),
          ...(since === undefined ? {} : { since }),
          ...(id === undefined ? {} : { id }),
        }
        const runs = await context.runs()
        const bar = progressBar()
        const result = (await runs.follow(
          await runs.startAudit(context.system, input),
          bar.show,
        )) as AuditResult
        bar.done()
        const { findings: kept } = await context.state()
        const findings = summary ? [] : await collectAll(kept.iterate(result.auditId))
        const rows = summary ? [] : await collectAll(kept.iteratePeople(result.auditId))
        const people = reason === null ? rows : await shownEmails(context, rows, reason)
        if (id !== undefined && rows.length > 0 && rows.every(isUnknownPerson))
          return unknownEverywhere(context, id)
        const document = { ...result, findings, ...(people.length === 0 ? {} : { people }) }
        const text =
          format === undefined
            ? auditText({ ...document, findings: summary ? result.findings : findings }, people, summary)
            : people.length > 0
              ? peopleCsv(context.system, people)
              : findingsCsv(findings)
        return {
          document,
          text,
          verbatim: format !== undefined,
          exitCode: result.pass ? EXIT.done : EXIT.failed,
        }
      }),
    )
}

async function emailsMissing({ system }: CommandContext): Promise<UsageError> {
  const having = await systemsWith(async ({ onePerson }) => (await onePerson()).withEmails !== undefined)
  return new UsageError(
    `${system} shows no addresses: \`audit --show-email\` applies to ${having.join(', ')}.`,
  )
}

/** Recorded before it is queried, so that data whose showing cannot be recorded is not shown. */
async function shownEmails(
  context: CommandContext,
  rows: readonly PersonRow[],
  reason: string,
): Promise<PersonRow[]> {
  const { withEmails } = await context.served.onePerson()
  if (withEmails === undefined) throw await emailsMissing(context)
  const people = rows.map(({ identity }) => identity)
  await context.acting.begin({ name: 'audit --show-email', kind: 'show', people, reason })
  const shown = await withEmails(rows, personContext(context))
  await context.acting.shown({ keyIds: [], count: shown.length })
  return shown
}
