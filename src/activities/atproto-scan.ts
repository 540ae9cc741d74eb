import { ApplicationFailure } from '@temporalio/common'
import type { AuditScope } from '../contracts/audit.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { scanAccounts } from './atproto-scan-accounts.ts'
import { scanIdentities } from './atproto-scan-identities.ts'
import { scanPeople, scanUnowned } from './atproto-scan-people.ts'
import { isWhole, outcome } from './atproto-scope.ts'
import type { AuditRef, ScanOutcome, ScanStep } from './find-and-repair.ts'
import { scanning } from './lib/scan-cursor.ts'

/** The steps of a scan of Auth0, MongoDB and the PDS: what is outside is listed first, then everything is joined. */
export function scanStepsOf(deps: Pick<AtprotoDeps, 'tenants'>, scope: AuditScope): ScanStep[] {
  const { tenants } = deps
  if (scope.tenant !== null && !tenants.some(({ name }) => name === scope.tenant)) {
    const names = tenants.map(({ name }) => name).join(', ')
    throw ApplicationFailure.nonRetryable(
      `There is no tenant '${scope.tenant}'; there is: ${names}`,
      'bad-input',
    )
  }
  return [
    ...tenants.map(({ name }) => ({ name: `identities/${name}`, summary: `List the people of ${name}` })),
    { name: 'accounts', summary: 'List the accounts of the PDS' },
    { name: 'running', summary: 'List the signups that are on their way' },
    { name: 'codes', summary: 'Look at what keeps user codes apart' },
    { name: 'people', summary: 'Join the stores and judge everybody' },
    ...(isWhole(scope) ? [{ name: 'unowned', summary: 'Look for accounts that nobody owns' }] : []),
  ]
}

export async function runScanStep(
  deps: AtprotoDeps,
  audit: AuditRef & { step: string },
): Promise<ScanOutcome> {
  const [step, of] = audit.step.split('/')
  switch (step) {
    case 'identities': {
      const tenant = deps.tenants.find(({ name }) => name === of)
      if (tenant === undefined) break
      return scanIdentities(deps, audit, tenant)
    }
    case 'accounts':
      return scanAccounts(deps, audit)
    case 'running':
      return scanRunning(deps, audit)
    case 'codes':
      return scanCodes(deps, audit)
    case 'people':
      return scanPeople(deps, audit)
    case 'unowned':
      return scanUnowned(deps, audit)
  }
  throw ApplicationFailure.nonRetryable(`There is no step '${audit.step}' of a scan`, 'bad-input')
}

function scanRunning({ running, audits }: AtprotoDeps, { auditId }: AuditRef): Promise<ScanOutcome> {
  return scanning<{ next: string | null }, ScanOutcome>({ next: null }, async ({ cursor, reached }) => {
    let { next } = cursor
    do {
      const page = await running.page(next)
      await audits.mark(auditId, 'running', page.workflowIds)
      next = page.next
      reached({ next })
    } while (next !== null)
    return outcome()
  })
}

/** Where an index keeps codes apart there are none that two people share. */
function scanCodes({ codeIndex, stores, audits, findings }: AtprotoDeps, { auditId, scope }: AuditRef) {
  return scanning({}, async ({ reached }) => {
    const index = await codeIndex.look()
    if (index.state === 'equivalent') return outcome()
    await stores.sharedCodes(async (codes) => {
      await audits.mark(auditId, 'code', codes)
      reached({})
    })
    const evidence = index.state === 'missing' ? {} : { index: index.name, lacks: index.lacks }
    const kind = 'index-not-equivalent'
    if (isWhole(scope))
      await findings.add(auditId, [
        { identity: 'users.code', tenant: '-', kind, since: null, evidence, repair: null },
      ])
    return outcome()
  })
}
