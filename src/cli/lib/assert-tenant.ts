import { UsageError } from '../../errors.ts'
import type { CommandContext } from './context.ts'

/** Refuses a `--tenant` that is not configured, before a workflow is started for it. */
export function assertTenant(context: CommandContext, tenant: string | undefined): void {
  if (tenant === undefined || tenant === 'both') return
  const names = context.config('tenantNames').tenantNames.map(({ name }) => name)
  if (!names.includes(tenant))
    throw new UsageError(
      `Unknown tenant '${tenant}'. The tenants are: ${names.join(', ')}; or both, for all.`,
    )
}
