import pc from 'picocolors'
import type { CheckFinding, CheckReport, ProbeReport } from '../contracts/checks.ts'

/** Every check with what it saw, then what is to be mended and how. */
export function checkText({ checks, findings, notices }: CheckReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, ok, ms, skipped, facts }) => {
    const mark = skipped === null ? (ok ? pc.green('✓') : pc.red('✗')) : pc.yellow('–')
    const said = skipped === null ? facts.join('; ') : `not tried: ${skipped}`
    return `${mark} ${name.padEnd(width)} ${`${ms} ms`.padStart(8)}  ${said}`.trimEnd()
  })
  const parts = [
    lines.join('\n'),
    ...findings.map((finding) => findingText(pc.red(finding.name), finding)),
    ...notices.map((notice) => findingText(pc.yellow(`Notice: ${notice.name}`), notice)),
  ]
  return [...parts, summary(findings.length, notices.length)].join('\n\n')
}

/** The way of a test identity, with the time of each step. */
export function probeText({ tenant, identity, steps }: ProbeReport): string {
  const lines = steps.map(({ name, ok, atMs, seen }) => {
    const at = `${(atMs / 1_000).toFixed(1)} s`.padStart(8)
    return `${ok ? pc.green('✓') : pc.red('✗')} ${name.padEnd(21)} ${at}  ${seen}`
  })
  return [`Probe ${identity} in ${tenant}`, ...lines].join('\n')
}

function findingText(title: string, { sentence, fix }: CheckFinding): string {
  return `${title}: ${sentence}\n${pc.bold('What to do:')} ${fix}`
}

function summary(findings: number, notices: number): string {
  const noticed = notices === 0 ? '' : `, ${counted(notices, 'notice')}`
  return findings === 0
    ? pc.green(`Nothing to mend${noticed}.`)
    : `${counted(findings, 'finding')}${noticed}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
