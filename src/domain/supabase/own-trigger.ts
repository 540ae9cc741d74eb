import type { ProfileColumn, ProfileMapping } from './profile-columns.ts'
import { literal, quoted, sourceText } from './sql-text.ts'

/** The application's tables, each name as SQL writes it; the columns of the profiles with their types and defaults. */
export interface TriggerTables {
  readonly profiles: string
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly default: string | null
  }[]
  /** Null where the project has no table of events. */
  readonly events: string | null
  readonly mapping: ProfileMapping
}

/**
 * The trigger that Holdfast offers where none was ever seen: a profile for each user but anonymous ones, the events of
 * it, and a signup that succeeds even where the profile is refused.
 */
export function ownTriggerStatement({ profiles, columns, events, mapping }: TriggerTables): string {
  const names = mapping.columns.map(({ column }) => quoted(column)).join(', ')
  const values = mapping.columns.map((mapped) => valueOf(mapped, columns)).join(',\n      ')
  return `begin;
create or replace function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.is_anonymous then
    return new;
  end if;
${recording(events, 'auth_user_created', '  ')}  begin
    insert into ${profiles} (${names}) values (
      ${values})
    on conflict (${quoted(mapping.idColumn)}) do nothing;
  exception when others then
    raise warning 'no profile for the user %: %', new.id, sqlstate;
${recording(events, 'profile_bootstrap_error', '    ')}    return new;
  end;
${recording(events, 'profile_bootstrap_ok', '  ')}  return new;
end
$$;
revoke execute on function public.handle_new_user() from public, anon, authenticated;
create or replace trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();
commit;`
}

/** An event that cannot be recorded undoes neither the user nor the profile. */
function recording(events: string | null, type: string, indent: string): string {
  if (events === null) return ''
  const lines = [
    'begin',
    `  insert into ${events} (user_id, event_type) values (new.id, '${type}');`,
    'exception when others then',
    `  raise warning 'no event for the user %: %', new.id, sqlstate;`,
    'end;',
  ]
  return lines.map((line) => `${indent}${line}\n`).join('')
}

function valueOf(
  { column, from, default: otherwise }: ProfileColumn,
  columns: TriggerTables['columns'],
): string {
  const known = columns.find(({ name }) => name === column)
  const texts = [
    ...from.map((source) => sourceText(source, 'new', COLUMNS)),
    ...(otherwise === null ? [] : [literal(otherwise)]),
  ].join(', ')
  const given = `coalesce(${texts})${known === undefined ? '' : `::${known.type}`}`
  const ofTable = known?.default ?? null
  return ofTable === null ? given : `coalesce(${given}, ${ofTable})`
}

/** The columns of `auth.users` that are sources by themselves. */
const COLUMNS = {
  id: 'new.id::text',
  email: `nullif(trim(lower(new.email)), '')`,
  phone: `nullif(trim(new.phone), '')`,
} as const
