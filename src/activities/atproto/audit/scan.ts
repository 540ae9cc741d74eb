import { ApplicationFailure } from '@temporalio/common'
import type { AuditScope } from '../../../contracts/audit.ts'
import type { CodeIndex } from '../../../adapters/mongo/code-index.ts'
import type { ApplicationRecords } from '../../../adapters/mongo/application-records.ts'
import type { ConfiguredTenant } from '../tenants.ts'
import { scanAccounts, type AccountScanDeps } from './scan-accounts.ts'
import { scanDeleted, type DeletedScanDeps } from './scan-deleted.ts'
import { scanIdentities, type IdentityScanDeps } from './scan-identities.ts'
import { scanPeople, type PeopleScanDeps } from './scan-people.ts'
import { scanUnowned, type UnownedScanDeps } from './scan-unowned.ts'
import type { AuditRef, ScanOutcome, ScanStep } from '../../audit.ts'
import { scanRunning, type RunningScanDeps } from '../../audit/scan-running.ts'
import { isFullScope, scanOutcome } from '../../audit/scope.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'
import type { AuditMarks } from '../../../state/ports/audit-marks.ts'
import type { AuditFindings } from '../../../state/ports/audit-findings.ts'

interface CodeScanDeps {
  readonly codeIndex: CodeIndex
  readonly applicationRecords: ApplicationRecords
  readonly marks: AuditMarks
  readonly findings: AuditFindings
}

export interface ScanDeps
  extends
    IdentityScanDeps,
    AccountScanDeps,
    RunningScanDeps,
    CodeScanDeps,
    PeopleScanDeps,
    UnownedScanDeps,
    DeletedScanDeps {
  readonly tenants: readonly ConfiguredTenant[]
}

/**
 * The steps of a scan of Auth0, MongoDB and the PDS: the providers' lists are read first, then all stores are joined.
 */
export function scanStepsOf({ tenants }: Pick<ScanDeps, 'tenants'>, scope: AuditScope): ScanStep[] {
  return [
    ...tenants.map(({ name }) => ({ name: `identities/${name}`, summary: `List the people of ${name}` })),
    { name: 'accounts', summary: 'List the accounts of the PDS' },
    { name: 'running', summary: 'List the running signups' },
    { name: 'codes', summary: 'Check the code index' },
    { name: 'people', summary: 'Join the stores and check all people' },
    ...(isFullScope(scope)
      ? [
          { name: 'unowned', summary: 'Look for accounts without an owner' },
          { name: 'deleted', summary: 'Look for documents of deleted people' },
        ]
      : []),
  ]
}

export async function runScanStep(
  deps: ScanDeps,
  audit: AuditRef & { step: string; sweeps?: boolean },
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
    case 'deleted':
      return scanDeleted(deps, audit)
  }
  throw ApplicationFailure.nonRetryable(`There is no step '${audit.step}' of a scan`, 'bad-input')
}

/** Finds user codes that several people share. There are none where a unique index exists. */
function scanCodes(
  { codeIndex, applicationRecords, marks, findings }: CodeScanDeps,
  { auditId, scope, scheduled }: AuditRef,
) {
  return withScanCursor({}, async ({ saveCursor }) => {
    const index = await codeIndex.assess()
    if (index.state === 'equivalent') return scanOutcome()
    await applicationRecords.sharedCodes(async (codes) => {
      await marks.add(auditId, 'code', codes)
      saveCursor({})
    })
    const evidence = index.state === 'missing' ? {} : index.detail
    const kind = 'index-not-equivalent'
    if (isFullScope(scope))
      await findings.add(
        auditId,
        [
          {
            system: 'atproto',
            identity: 'users.code',
            tenant: '-',
            kind,
            since: null,
            evidence,
            repair: null,
          },
        ],
        scheduled,
      )
    return scanOutcome()
  })
}
