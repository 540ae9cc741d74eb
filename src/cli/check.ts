import type { Command } from 'commander'
import pc from 'picocolors'
import { atprotoChecks } from '../checks/atproto.ts'
import { openCheckContext, type CheckContext } from '../checks/context.ts'
import { probe } from '../checks/probe.ts'
import { runChecks } from '../checks/run-checks.ts'
import type { CheckReport, ProbeReport } from '../contracts/checks.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { shellQuoted } from '../domain/shell.ts'
import { EXIT, UsageError } from '../entry.ts'
import { checkText, probeText } from './check-text.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'

interface CheckOptions extends CommonOptions {
  readonly probe?: boolean
  readonly tenant?: string
  readonly probeDomain: string
}

export function checkCommand(): Command {
  return systemCommand('check', 'Try the live configuration: every variable, credential, right and limit.', [
    'check atproto',
    'check atproto --probe',
    'check atproto --probe --tenant aesthetic --probe-domain example.com',
    "check atproto --json | jq -r '.findings[] | .name, .fix'",
  ])
    .option('--probe', 'make a marked test identity, follow it to its last record, delete it everywhere')
    .option('--tenant <name>', 'where the probe signs up; the first tenant unless given')
    .option('--probe-domain <domain>', "where the probe's e-mail address lies", 'example.com')
    .action((system: string, options: CheckOptions) =>
      answer(system, options, async ({ env }) => {
        const context = openCheckContext(env)
        try {
          const report = await runChecks(atprotoChecks(context, { probe: options.probe === true }))
          if (options.probe !== true) {
            return { document: report, text: checkText(report), exitCode: codeOf(report) }
          }
          const probed = await runProbe(context, options)
          const whole = withProbe(report, probed)
          const text = [probeText(probed), checkText(whole)].join('\n\n')
          return { document: { ...whole, probe: probed }, text, exitCode: codeOf(whole) }
        } finally {
          await context.close()
        }
      }),
    )
}

async function runProbe(
  context: CheckContext,
  { tenant = context.tenantNames()[0], probeDomain, json }: CheckOptions,
): Promise<ProbeReport> {
  const known = context.tenantNames()
  if (tenant === undefined || !known.includes(tenant))
    throw new UsageError(`No tenant '${tenant ?? ''}' to probe. There is: ${known.join(', ') || 'none'}.`)
  const shown = process.stderr.isTTY && json !== true
  const say = (text: string): boolean => shown && process.stderr.write(`\r\u001B[K${text}`)
  try {
    return await probe(context, {
      tenant,
      emailDomain: probeDomain,
      onStep: (name) => void say(pc.dim(`waiting for ${name} …`)),
    })
  } finally {
    say('')
  }
}

function withProbe(report: CheckReport, { stoppedAt, steps, identity }: ProbeReport): CheckReport {
  if (stoppedAt === null) return report
  const seen = steps.find(({ name }) => name === stoppedAt)?.seen ?? ''
  const stopped = checkFinding('probe-stopped', { step: stoppedAt, seen, identity: shellQuoted(identity) })
  return { ...report, ok: false, findings: [...report.findings, stopped] }
}

function codeOf({ ok }: CheckReport): number {
  return ok ? EXIT.done : EXIT.failed
}
