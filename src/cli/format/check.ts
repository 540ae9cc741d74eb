import pc from 'picocolors'
import type { CheckFinding, CheckReport, ProbeReport } from '../../contracts/checks.ts'
import { moreLine } from './more.ts'
import { printableIn, printableLines } from '../../domain/text/printable.ts'
import { counted } from '../../contracts/text/counted.ts'

/** Every check with its facts, then the findings and their fixes. */
export function checkText(report: CheckReport): string {
  const { checks, findings, notices } = printableIn(report)
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, ok, ms, skipped, facts }) => {
    const mark = skipped === null ? (ok ? pc.green('✓') : pc.red('✗')) : pc.yellow('–')
    const said = skipped === null ? facts.join('; ') : `skipped: ${skipped}`
    return `${mark} ${name.padEnd(width)} ${`${ms} ms`.padStart(8)}  ${said}`.trimEnd()
  })
  const parts = [
    lines.join('\n'),
    ...report.findings.map((finding) => findingText(pc.red(finding.name), finding)),
    ...report.notices.map((notice) => findingText(pc.yellow(`Notice: ${notice.name}`), notice)),
  ]
  return [...parts, summary(findings.length, notices.length)].join('\n\n')
}

/** The steps of a test identity, with the time of each. */
export function probeText(report: ProbeReport): string {
  const { tenant, identity, steps } = printableIn(report)
  const lines = steps.map(({ name, ok, atMs, seen }) => {
    const at = `${(atMs / 1_000).toFixed(1)} s`.padStart(8)
    return `${ok ? pc.green('✓') : pc.red('✗')} ${name.padEnd(21)} ${at}  ${seen}`
  })
  return [`Probe ${identity} in ${tenant}`, ...lines].join('\n')
}

function findingText(title: string, { statement, ...finding }: CheckFinding): string {
  const { name, sentence, fix } = printableIn(finding)
  const shown = statement === undefined ? [] : ['', printableLines(statement), '']
  return [`${title}: ${sentence}`, `${pc.bold('What to do:')} ${fix}`, ...shown, ...moreLine([name])].join(
    '\n',
  )
}

function summary(findings: number, notices: number): string {
  const noticed = notices === 0 ? '' : `, ${counted(notices, 'notice')}`
  return findings === 0
    ? pc.green(`All checks passed${noticed}.`)
    : `${counted(findings, 'finding')}${noticed}.`
}
