import { NO_TENANT } from '../../contracts/systems.ts'
import { UsageError } from '../../errors.ts'
import type { CommandContext } from './context.ts'

/** Refuses a `--tenant` that is not configured, before a workflow is started for it. */
export function assertTenant(context: CommandContext, tenant: string | undefined): void {
  if (tenant === undefined || tenant === 'both') return
  const names = context.tenants()
  if (!names.includes(tenant))
    throw new UsageError(`${unknownTenant(context, tenant)}${names.length > 1 ? '; or both, for all.' : '.'}`)
}

/** The sentence without its full stop. */
export function unknownTenant(context: CommandContext, tenant: string): string {
  const names = context.tenants().filter((name) => name !== NO_TENANT)
  return names.length === 0
    ? `${context.system} has no tenants: leave --tenant out`
    : `Unknown tenant '${tenant}'. The tenants are: ${names.join(', ')}`
}
