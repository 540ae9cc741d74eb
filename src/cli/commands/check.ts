import type { CommandHelp } from '../../systems/command-part.ts'
import { clearLine, cursorTo } from 'node:readline'
import type { System } from '../../contracts/systems.ts'
import type { Command } from 'commander'
import pc from 'picocolors'
import { allChecks } from '../../checks/all.ts'
import { withBlockedSignups } from '../../checks/blocked-signups.ts'
import { openCheckContext, type CheckContext } from '../../checks/context.ts'
import type { SystemChecks } from '../../checks/system-checks.ts'
import { runChecks } from '../../checks/run-checks.ts'
import type { CheckReport, ProbeReport } from '../../contracts/checks.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { checkText, probeText } from '../format/check.ts'
import { runCommand, runForSystem, systemCommand, systemsWith, type CommonOptions } from '../lib/command.ts'
import { checkAlerts } from './parts/check-alerts.ts'
import { printProgress } from '../format/output.ts'

/** In the place of the system: the channels of alerts, which all systems share. */
const ALERTS = 'alerts'

interface CheckOptions extends CommonOptions {
  readonly probe?: boolean
  readonly send?: boolean
  readonly tenant?: string
  readonly probeDomain: string
}

export function checkCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'check',
    'Test the live configuration: every variable, credential, permission and limit.',
    [
      `check ${help.system}`,
      `check ${help.system} --probe`,
      help.example.tenant &&
        `check ${help.system} --probe --tenant ${help.example.tenant} --probe-domain example.com`,
      'check alerts --send',
      `check ${help.system} --json | jq -r '.findings[] | .name, .fix'`,
    ],
  )
    .option(
      '--probe',
      'create a marked test identity, follow it to its last record, then delete it everywhere',
    )
    .option('--tenant <name>', 'the tenant in which the probe signs up (default: the first)')
    .option('--probe-domain <domain>', "the domain of the probe's e-mail address", 'example.com')
    .option('--send', 'check alerts: send a test alert to each channel, and close it')
    .action((system: string, options: CheckOptions) => {
      if (system === ALERTS)
        return runCommand(options, (context) => checkAlerts(context, options.send === true))
      if (options.send === true)
        throw new UsageError(`--send is for the channels: holdfast check ${ALERTS} --send`)
      return runForSystem(
        system,
        options,
        async ({ served, system: name, env, tenants, assertWrites, acting }) => {
          const checks = await served.checks()
          const { probe } = checks
          if (options.probe === true) assertWrites()
          if (options.probe === true && probe === undefined) throw await probeMissing(name)
          const context = openCheckContext(served, env)
          try {
            const report = await withBlockedSignups(
              context,
              await runChecks(name, allChecks(context, checks, { probe: options.probe === true })),
            )
            if (options.probe !== true || probe === undefined) {
              return { document: report, text: checkText(report), exitCode: codeOf(report) }
            }
            await acting.begin({ name: 'check --probe', kind: 'change', scope: 'a test identity' })
            const probed = await runProbe(probe, context, tenants(), options)
            const whole = withProbe(name, report, probed)
            const text = [probeText(probed), checkText(whole)].join('\n\n')
            return { document: { ...whole, probe: probed }, text, exitCode: codeOf(whole) }
          } finally {
            await context.close()
          }
        },
      )
    })
}

async function probeMissing(system: System): Promise<UsageError> {
  const having = await systemsWith(async ({ checks }) => (await checks()).probe !== undefined)
  return new UsageError(`${system} has no probe: \`check --probe\` applies to ${having.join(', ')}.`)
}

async function runProbe(
  probe: NonNullable<SystemChecks['probe']>,
  context: CheckContext,
  known: readonly string[],
  { tenant = known[0], probeDomain, json }: CheckOptions,
): Promise<ProbeReport> {
  if (tenant === undefined || !known.includes(tenant))
    throw new UsageError(`Unknown tenant '${tenant ?? ''}'. The tenants are: ${known.join(', ') || 'none'}.`)
  const shown = process.stderr.isTTY && json !== true
  const say = (text: string): void => {
    if (!shown) return
    clearLine(process.stderr, 0)
    cursorTo(process.stderr, 0)
    printProgress(text)
  }
  try {
    return await probe(context, {
      tenant,
      emailDomain: probeDomain,
      onStep: (name) => say(pc.dim(`waiting for ${name} …`)),
    })
  } finally {
    say('')
  }
}

function withProbe(
  system: System,
  report: CheckReport,
  { stoppedAt, steps, identity }: ProbeReport,
): CheckReport {
  if (stoppedAt === null) return report
  const seen = steps.find(({ name }) => name === stoppedAt)?.seen ?? ''
  const stopped = checkFinding(system, 'probe-stopped', {
    step: stoppedAt,
    seen,
    identity: shellQuoted(identity),
  })
  return { ...report, ok: false, findings: [...report.findings, stopped] }
}

function codeOf({ ok }: CheckReport): number {
  return ok ? EXIT.done : EXIT.failed
}
