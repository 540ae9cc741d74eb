import { UsageError } from '../../errors.ts'
import type { System } from '../../contracts/systems.ts'
import type { StateFile } from './state-files.ts'

/** An applied file, as the database records it. */
export interface RecordedFile {
  readonly version: number
  readonly file: string
  readonly checksum: string
}

/** Why this version of Holdfast cannot use the tables that a database has. */
export type VersionFault = {
  /** The folder of the system whose own objects are meant; absent for the tables of sql/state. */
  readonly folder?: string
} /** `found` is null where there are no tables. */ & (
  | { readonly kind: 'outdated'; readonly found: number | null; readonly needed: number }
  | { readonly kind: 'too-new'; readonly found: number; readonly needed: number }
  | { readonly kind: 'altered'; readonly file: string }
)

/** Compares the files that a database records with those of this version; null where they are the same. */
export function versionFault(
  recorded: readonly RecordedFile[],
  files: readonly StateFile[],
  folder?: string,
): VersionFault | null {
  const where = folder === undefined ? {} : { folder }
  const altered = recorded.find(({ version, checksum }) => {
    const file = files.find((known) => known.version === version)
    return file !== undefined && file.checksum !== checksum
  })
  const [found, needed] = [recorded.at(-1)?.version ?? null, files.length]
  if (found !== null && found > needed) return { ...where, kind: 'too-new', found, needed }
  if (altered !== undefined) return { ...where, kind: 'altered', file: altered.file }
  return found === needed ? null : { ...where, kind: 'outdated', found, needed }
}

/** The tables of the state are not those of this version of Holdfast. */
export class StateVersionError extends UsageError {
  readonly fault: VersionFault

  constructor(fault: VersionFault, system?: System) {
    super(sentence(fault, system ?? '<system>'))
    this.fault = fault
  }
}

function sentence(fault: VersionFault, system: string): string {
  const { folder = 'sql/state' } = fault
  const tables = fault.folder === undefined ? 'The tables of Holdfast' : `The objects of ${fault.folder}`
  const apply = `Run: holdfast state apply ${system}`
  if (fault.kind === 'too-new')
    return `${tables} in the database have version ${fault.found}, and this version of Holdfast knows ${fault.needed} at most: deploy the one that ran "holdfast state apply ${system}", or a later one.`
  if (fault.kind === 'altered')
    return `${tables} in the database were created by another ${fault.file} than the one of this version: restore ${folder} as it was released. ${apply}`
  if (fault.found !== null)
    return `${tables} in the database have version ${fault.found}; this version of Holdfast needs ${fault.needed}. ${apply}`
  return fault.folder === undefined
    ? `The database has no tables of Holdfast. ${apply}`
    : `The database has no objects of ${fault.folder}. ${apply}`
}
