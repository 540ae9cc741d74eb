import { Option, type Command } from 'commander'
import { createAuditFindings } from '../adapters/mongo/audit-findings.ts'
import type { AuditInput, AuditResult } from '../contracts/audit.ts'
import { EXIT } from '../entry.ts'
import { auditText, findingsCsv, peopleCsv } from './audit-print.ts'
import { collected } from './collected.ts'
import { answer, systemCommand, systemNamed, type CommonOptions } from './command.ts'
import { wholeNumber } from './values.ts'
import { progressBar } from './progress-bar.ts'

interface AuditOptions extends CommonOptions {
  readonly tenant?: string
  readonly last?: number
  readonly since?: string
  readonly summary?: boolean
  readonly format?: 'csv'
}

export function auditCommand(): Command {
  return systemCommand(
    'audit',
    'Compare everybody in every store and name each gap: what is missing, wrong, or owned by nobody. Changes nothing.',
    [
      'audit atproto',
      'audit atproto --last 10              one row a person, the healthy too',
      'audit atproto --tenant sotce --summary',
      'audit atproto --since 2h --json | jq .gaps',
      'audit atproto --last 500 --format csv > people.csv',
    ],
  )
    .option('--tenant <tenant>', 'only this tenant, or both')
    .option('--last <n>', 'only the so many who signed up last, one row each', wholeNumber())
    .option('--since <when>', 'only who signed up since: 10m, 2h, 3d, or a time in ISO 8601')
    .option('--summary', 'counts and gaps, without the findings')
    .addOption(new Option('--format <format>', 'print a table for other programs').choices(['csv']))
    .action((system: string, { tenant, last, since, summary = false, format, ...common }: AuditOptions) =>
      answer(system, common, async (context) => {
        const input: AuditInput = {
          ...(tenant === undefined ? {} : { tenant }),
          ...(last === undefined ? {} : { last }),
          ...(since === undefined ? {} : { since }),
        }
        const runs = await context.runs()
        const bar = progressBar()
        const result = (await runs.follow(
          await runs.startAudit(systemNamed(system), input),
          bar.show,
        )) as AuditResult
        bar.done()
        const kept = createAuditFindings(context.mongo().db)
        const findings = summary ? [] : await collected(kept.each(result.auditId))
        const people = summary ? [] : await collected(kept.people(result.auditId))
        const document = { ...result, findings, ...(people.length === 0 ? {} : { people }) }
        const text =
          format === undefined
            ? auditText({ ...document, findings: summary ? result.findings : findings }, people, summary)
            : people.length > 0
              ? peopleCsv(people)
              : findingsCsv(findings)
        return { document, text, exitCode: result.pass ? EXIT.done : EXIT.failed }
      }),
    )
}
