import { shellQuoted } from '../domain/shell.ts'
import type { Env } from './read.ts'

const LINE = /^export ([A-Z][A-Z0-9_]*)='(.*)'$/
const OWNER = /^# pid (\d+)$/

/** Lines a shell can source, with the process that serves them named in the first. */
export function formatEnvFile(pid: number, variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
  return [`# pid ${pid}`, ...lines, ''].join('\n')
}

export function parseEnvFile(text: string): { pid: number | null; variables: Env } {
  const variables: Record<string, string> = {}
  let pid: number | null = null
  for (const line of text.split('\n')) {
    const owner = OWNER.exec(line)
    if (owner !== null) pid = Number(owner[1])
    const [, name, value] = LINE.exec(line) ?? []
    if (name !== undefined && value !== undefined) variables[name] = value.replaceAll("'\\''", "'")
  }
  return { pid, variables }
}
