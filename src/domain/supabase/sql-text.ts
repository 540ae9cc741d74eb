import type { ProfileSource } from './profile-columns.ts'

/** A text as a literal of SQL, with `standard_conforming_strings`, the default. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as a quoted identifier of SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * The value of a source as an expression that is null if it is empty. `row`: the row of the user; `columns`: the
 * expressions of the sources that are columns.
 */
export function sourceText(
  source: ProfileSource,
  row: string,
  columns: Readonly<Record<Exclude<ProfileSource, { readonly key: string }>['of'], string>>,
): string {
  if (!('key' in source)) return columns[source.of]
  const metadata = source.of === 'user_metadata' ? 'raw_user_meta_data' : 'raw_app_meta_data'
  return `nullif(trim(${row}.${metadata} ->> ${literal(source.key)}), '')`
}
