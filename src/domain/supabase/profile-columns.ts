/** The source of a value of a profile's column: a column of `auth.users`, or a key of its metadata. */
export type ProfileSource =
  | { readonly of: 'id' | 'email' | 'phone' }
  | { readonly of: 'user_metadata' | 'app_metadata'; readonly key: string }

/** One column of the profiles: the first source that has a value, otherwise the default, otherwise the table's own. */
export interface ProfileColumn {
  readonly column: string
  readonly from: readonly ProfileSource[]
  readonly default: string | null
}

/** How a profile is made from a user. Exactly one column receives the id, and at most one the e-mail address. */
export interface ProfileMapping {
  readonly columns: readonly ProfileColumn[]
  readonly idColumn: string
  /** Null where the profiles have no address, so that none is compared. */
  readonly emailColumn: string | null
}

/** The mapping while `SUPABASE_PROFILE_COLUMNS` is not set. */
export const DEFAULT_PROFILE_COLUMNS =
  '{"id":"id","email":"email","account_type":["user_metadata.account_type","app_metadata.account_type"]}'

type Parsed = { readonly mapping: ProfileMapping } | { readonly refused: string }

const SOURCES = 'id, email, phone, user_metadata.<key> or app_metadata.<key>'

/**
 * Reads `{"<column>": "<source>" | ["<source>", …] | {"from": …, "default": "<text>"}}`. `refused` ends the sentence that
 * begins with the variable's name.
 */
export function parseProfileColumns(text: string): Parsed {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return { refused: 'must be a JSON object: {"<column>": "<source>"}' }
  }
  if (!isObject(given)) return { refused: 'must be a JSON object: {"<column>": "<source>"}' }
  const columns: ProfileColumn[] = []
  for (const [column, value] of Object.entries(given)) {
    const parsed = columnOf(column, value)
    if (parsed === null)
      return {
        refused: `must give the column ${column} a source (${SOURCES}), a list of them, or {"from": …, "default": "…"}`,
      }
    columns.push(parsed)
  }
  const receiving = (source: 'id' | 'email') =>
    columns.filter(({ from }) => from.some(({ of }) => of === source)).map(({ column }) => column)
  const [idColumn, ...otherIds] = receiving('id')
  const [emailColumn = null, ...otherEmails] = receiving('email')
  if (idColumn === undefined || otherIds.length > 0)
    return { refused: 'must give exactly one column the source id: the key of the profiles' }
  if (otherEmails.length > 0) return { refused: 'must give at most one column the source email' }
  return { mapping: { columns, idColumn, emailColumn } }
}

function columnOf(column: string, value: unknown): ProfileColumn | null {
  if (typeof value === 'string' || Array.isArray(value)) return columnFrom(column, value, null)
  if (!isObject(value)) return null
  const { from = [], default: otherwise, ...unknown } = value
  const hasDefault = typeof otherwise === 'string' && otherwise !== ''
  if (Object.keys(unknown).length > 0 || (otherwise !== undefined && !hasDefault)) return null
  return columnFrom(column, from, hasDefault ? otherwise : null)
}

function columnFrom(column: string, from: unknown, otherwise: string | null): ProfileColumn | null {
  const sources = (Array.isArray(from) ? from : [from]).map(sourceOf)
  if (column === '' || (sources.length === 0 && otherwise === null)) return null
  const known = sources.filter((source) => source !== null)
  return known.length === sources.length ? { column, from: known, default: otherwise } : null
}

function sourceOf(text: unknown): ProfileSource | null {
  if (text === 'id' || text === 'email' || text === 'phone') return { of: text }
  const [, of, key] = /^(user_metadata|app_metadata)\.(.+)$/s.exec(typeof text === 'string' ? text : '') ?? []
  return key === undefined ? null : { of: of === 'user_metadata' ? 'user_metadata' : 'app_metadata', key }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
