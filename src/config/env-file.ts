import { shellQuoted } from '../contracts/text/shell.ts'
import type { Env } from './read.ts'

const LINE = /^export ([A-Z][A-Z0-9_]*)='(.*)'$/
const OWNER = /^# pid (\d+), began (.+)$/

/** The process that serves what the file names. Its pid may be reused later; pid and start time together are unique. */
export interface EnvOwner {
  readonly pid: number
  readonly began: string
}

/**
 * Lines a shell can source; the first names the process that serves them. Without variables, `npm start` is still
 * starting.
 */
export function formatEnvFile({ pid, began }: EnvOwner, variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
  const rest = lines.length === 0 ? ['# npm start is still starting'] : lines
  return [`# pid ${pid}, began ${began}`, ...rest, ''].join('\n')
}

export function parseEnvFile(text: string): { owner: EnvOwner | null; variables: Env } {
  const variables: Record<string, string> = {}
  let owner: EnvOwner | null = null
  for (const line of text.split('\n')) {
    const [, pid, began] = OWNER.exec(line) ?? []
    if (began !== undefined) owner = { pid: Number(pid), began }
    const [, name, value] = LINE.exec(line) ?? []
    if (name !== undefined && value !== undefined) variables[name] = value.replaceAll("'\\''", "'")
  }
  return { owner, variables }
}
