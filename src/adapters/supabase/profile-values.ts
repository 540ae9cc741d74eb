import { sql, type RawBuilder } from 'kysely'
import type { ProfileTables } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { ProfileColumn, ProfileMapping, ProfileSource } from '../../domain/supabase/profile-columns.ts'
import { nameOf, type CatalogColumn } from './catalog.ts'

/** The values of a new profile, as SQL over a row `u` of `holdfast.auth_users`. */
export interface ProfileValues {
  readonly columns: readonly string[]
  readonly values: readonly RawBuilder<unknown>[]
}

/** The address of a user `u`: their own, otherwise the identity's; in lower case, null where there is none. */
export const EMAIL_OF_USER = sql`lower(coalesce(nullif(trim(u.email), ''), nullif(trim(u.identity_email), '')))`

/** Whether a user `u` must have a profile. The same rule as `owesProfile`. */
export const OWES_PROFILE = sql`(u.is_anonymous is not true and u.deleted_at is null)`

/**
 * Each column gets the first source that has a value, otherwise the configured default, otherwise the table's own: an
 * empty text counts as absent. Throws `profile-column-unknown`.
 */
export function profileValues(
  { profiles, mapping }: Pick<ProfileTables, 'profiles' | 'mapping'>,
  catalog: readonly CatalogColumn[],
): ProfileValues {
  return {
    columns: mapping.columns.map(({ column }) => column),
    values: mapping.columns.map((mapped) =>
      valueOf(mapped, knownColumn(catalog, nameOf(profiles), mapped.column)),
    ),
  }
}

/** Whether a column that is filled from metadata would get nothing from those of a user `u`. */
export function lacksMetadata({ columns }: ProfileMapping): RawBuilder<boolean> {
  const given = columns.flatMap(({ from }) => {
    const texts = from.filter((source) => 'key' in source).map(textOf)
    return texts.length === 0 ? [] : [sql`coalesce(${sql.join(texts)}) is null`]
  })
  return given.length === 0 ? sql<boolean>`false` : sql<boolean>`(${sql.join(given, sql` or `)})`
}

/** The column of the profiles that has the user's id, compared with a user `u`. */
export function ofUser(
  { profiles, mapping }: Pick<ProfileTables, 'profiles' | 'mapping'>,
  catalog: readonly CatalogColumn[],
): RawBuilder<unknown> {
  const { type } = knownColumn(catalog, nameOf(profiles), mapping.idColumn)
  const id = sql.id('p', mapping.idColumn)
  return type === 'uuid' ? sql`${id} = u.id` : sql`${id} = u.id::text`
}

function knownColumn(catalog: readonly CatalogColumn[], table: string, column: string): CatalogColumn {
  const found = catalog.find(({ name }) => name === column)
  if (found !== undefined) return found
  throw new OutsideError('profile-column-unknown', `${table} has no column ${column}`, {
    detail: { table, column },
  })
}

function valueOf(
  { from, default: otherwise }: ProfileColumn,
  { type, default: ofTable }: CatalogColumn,
): RawBuilder<unknown> {
  const texts = [...from.map(textOf), ...(otherwise === null ? [] : [sql`${otherwise}::text`])]
  const given = sql`coalesce(${sql.join(texts)})::${sql.raw(type)}` // of the catalog, which quotes names
  return ofTable === null ? given : sql`coalesce(${given}, ${sql.raw(ofTable)})`
}

/** The columns of `auth.users` that are sources by themselves. */
const COLUMNS = {
  id: sql`u.id::text`,
  email: EMAIL_OF_USER,
  phone: sql`nullif(trim(u.phone), '')`,
} as const

function textOf(source: ProfileSource): RawBuilder<unknown> {
  if (!('key' in source)) return COLUMNS[source.of]
  const metadata = sql.id('u', source.of === 'user_metadata' ? 'raw_user_meta_data' : 'raw_app_meta_data')
  return sql`nullif(trim(${metadata} ->> ${source.key}::text), '')`
}
