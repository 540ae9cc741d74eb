import type { Finding } from '../../../contracts/gaps.ts'
import type { Deletions } from '../../../client/deletions.ts'
import type { OwnerOf } from '../tenants.ts'
import { scanOutcome } from '../../audit/scope.ts'
import type { AuditRef, ScanOutcome } from '../../audit.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'
import type { AuditFindings } from '../../../state/ports/audit-findings.ts'
import type { PeoplePageEnd, PersonalData } from '../../../state/ports/personal-data.ts'
import type { Tombstone, Tombstones } from '../../../state/ports/tombstones.ts'

const PAGE = 2_000
/** A deletion that started less than this ago is still processing the data it finds. */
const AT_WORK_MS = 3_600_000
/** Sweeps that one audit requests; the next one requests the others. */
const MOST_SWEEPS = 1_000

export interface DeletedScanDeps {
  readonly personalData: PersonalData
  readonly tombstones: Tombstones
  readonly findings: AuditFindings
  readonly deletions: Deletions
  readonly ownerOf: OwnerOf
  readonly addressHash: (identity: string) => string
}

interface DeletedCursor {
  readonly after: PeoplePageEnd | null
  readonly sweeps: number
}

/**
 * Finds documents of people who have a tombstone, in every collection that names people: they were written after the
 * deletion was complete. Each is a finding that names the person by their hash. `sweeps`: request another sweep for
 * each.
 */
export function scanDeleted(
  deps: DeletedScanDeps,
  { auditId, scope, scheduled, sweeps = false }: AuditRef & { sweeps?: boolean },
): Promise<ScanOutcome> {
  const { personalData, tombstones, findings, deletions, ownerOf, addressHash } = deps
  return withScanCursor<DeletedCursor, ScanOutcome>({ after: null, sweeps: 0 }, async (scan) => {
    let cursor = scan.cursor
    for (;;) {
      const { people, next } = await personalData.namedPeople(cursor.after, PAGE)
      const deleted = await tombstones.findAll(people.map(({ identity }) => identity))
      const found: Finding[] = []
      let requested = cursor.sweeps
      for (const { identity, collection } of people) {
        const tombstone = deleted.get(identity)
        const tenant = ownerOf(identity)?.name ?? null
        if (tombstone === undefined || isAtWork(tombstone)) continue
        if (scope.tenant !== null && scope.tenant !== tenant) continue
        found.push({
          system: 'atproto',
          identity: addressHash(identity),
          tenant: tenant ?? '-',
          kind: 'deleted-but-present',
          since: (tombstone.finishedAt ?? tombstone.at).toISOString(),
          evidence: { collection },
          repair: null,
        })
        if (!sweeps || tenant === null || requested >= MOST_SWEEPS) continue
        await deletions.requestSweep({ tenant, identity })
        requested += 1
      }
      await findings.add(auditId, found, scheduled)
      if (next === null) return scanOutcome()
      cursor = { after: next, sweeps: requested }
      scan.saveCursor(cursor)
    }
  })
}

function isAtWork({ at, finishedAt }: Tombstone): boolean {
  return finishedAt === null && Date.now() - at.getTime() < AT_WORK_MS
}
