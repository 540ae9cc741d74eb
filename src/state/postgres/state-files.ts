import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { System } from '../../contracts/systems.ts'

/** A numbered file of sql/state, or of a system's own folder beside it, which creates or changes tables of the state. */
export interface StateFile {
  /** The number at the beginning of its name: 1, 2 … without a gap. */
  readonly version: number
  readonly name: string
  readonly text: string
  /** SHA-256 of the text, the same for every kind of line ending. */
  readonly checksum: string
}

/** The folder beside src/, or beside dist/ in the published package. */
const SQL = fileURLToPath(new URL('../../../sql', import.meta.url))

/** The files in order, those of sql/state by default. Throws where a number is missing or used twice. */
export function stateFiles(folder = join(SQL, 'state')): StateFile[] {
  const names = readdirSync(folder).filter((name) => /^\d{3}-[a-z0-9-]+\.sql$/.test(name))
  return names.toSorted().map((name, index) => {
    const version = Number(name.slice(0, 3))
    if (version !== index + 1) throw new Error(`${folder}: ${name} should have the number ${index + 1}`)
    const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n')
    return { version, name, text, checksum: createHash('sha256').update(text).digest('hex') }
  })
}

/** The numbered files in sql/<system>, of a system that has some. */
export interface OwnSql {
  readonly system: System
  readonly files: readonly StateFile[]
}

export function ownSqlOf(system: System): OwnSql {
  return { system, files: stateFiles(join(SQL, system)) }
}
