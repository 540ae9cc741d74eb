import type { Command } from 'commander'
import { openCheckContext } from '../../checks/context.ts'
import { diagnose } from '../../checks/diagnose.ts'
import { EXIT, UsageError } from '../../errors.ts'
import type { CommandHelp, SetupRepair } from '../../systems/command-part.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { diagnosisText } from '../format/diagnose.ts'

interface DiagnoseOptions extends CommonOptions {
  readonly yes?: boolean
  /** The options of repairs, by their names. */
  readonly [name: string]: boolean | undefined
}

export function diagnoseCommand(help: CommandHelp): Command {
  const { repairs } = help
  const command = systemCommand(
    help,
    'diagnose',
    'Print one report for an incident; it contains no personal or secret data.',
    [
      `diagnose ${help.system}`,
      `diagnose ${help.system} > report.txt`,
      ...repairs.flatMap(({ option, details }) => [
        `diagnose ${help.system} ${option} --yes`,
        ...details.map((detail) => `diagnose ${help.system} ${option} ${detail.option}`),
      ]),
    ],
  )
  for (const { option, description, details } of repairs) {
    command.option(option, description)
    for (const detail of details) command.option(detail.option, detail.description)
  }
  if (repairs.length > 0) command.option('--yes', 'repair without confirmation')
  return command.action(async (system: string, options: DiagnoseOptions) => {
    const repair = requestedRepair(repairs, options)
    if (repair === null) return report(system, options)
    const details = new Set(repair.details.map(({ option }) => nameOf(option)))
    const run = await repair.load()
    return run(system, {
      ...commonOf(options),
      details: new Set([...details].filter((name) => options[name] === true)),
    })
  })
}

function report(system: string, options: CommonOptions): Promise<void> {
  return runForSystem(system, options, async ({ served, env }) => {
    const context = openCheckContext(served, env)
    try {
      const diagnosis = await diagnose(context, await served.checks())
      return {
        document: diagnosis,
        text: diagnosisText(diagnosis),
        exitCode: diagnosis.ok ? EXIT.done : EXIT.failed,
      }
    } finally {
      await context.close()
    }
  })
}

/** Null where a report is asked for. Throws for a detail without its repair. */
function requestedRepair(repairs: readonly SetupRepair[], options: DiagnoseOptions): SetupRepair | null {
  for (const { option, details } of repairs) {
    const stray = details.find((detail) => options[nameOf(detail.option)] === true)
    if (stray !== undefined && options[nameOf(option)] !== true)
      throw new UsageError(`${stray.option} requires ${option}.`)
  }
  return repairs.find(({ option }) => options[nameOf(option)] === true) ?? null
}

/** The name by which Commander passes on an option: `fixIndex` for `--fix-index`. */
function nameOf(option: string): string {
  return option.replace(/^--/, '').replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function commonOf({ json, useEnv, yes }: DiagnoseOptions) {
  return {
    ...(json === undefined ? {} : { json }),
    ...(useEnv === undefined ? {} : { useEnv }),
    ...(yes === undefined ? {} : { yes }),
  }
}
