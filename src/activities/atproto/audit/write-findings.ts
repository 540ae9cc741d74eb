import type { PersonRow } from '../../../contracts/audit.ts'
import type { Finding } from '../../../contracts/gaps.ts'
import type { PersonFacts } from '../../../domain/atproto/gap-rules.ts'
import type { Deletions } from '../../../client/deletions.ts'
import type { AuditRef } from '../../audit.ts'
import { withoutDeleted } from '../../deletion/without-deleted.ts'
import type { AuditFindings } from '../../../state/ports/audit-findings.ts'
import type { Tombstones } from '../../../state/ports/tombstones.ts'

export interface WriteFindingsDeps {
  readonly findings: AuditFindings
  readonly tombstones: Tombstones
  readonly deletions: Deletions
}

/** The results of an audit about one person, before they are written. */
export interface CheckedPerson {
  readonly person: PersonFacts
  readonly findings: readonly Finding[]
  /** Only in an audit of some people. */
  readonly row: PersonRow | null
}

/**
 * Writes an audit's findings. Its look-ups take minutes, in which a person may be deleted: nothing is written about
 * such a person, and data written at the moment of their deletion is deleted by another sweep.
 */
export async function writeFindings(
  deps: WriteFindingsDeps,
  { auditId, scheduled }: AuditRef,
  judged: readonly CheckedPerson[],
): Promise<void> {
  const named = judged.flatMap(({ person, findings, row }) =>
    findings.length === 0 && row === null
      ? []
      : [{ ...person, findings, row, createdAt: person.provider?.createdAt ?? null }],
  )
  const there = await withoutDeleted(deps, named)
  await deps.findings.add(
    auditId,
    there.flatMap(({ findings }) => findings),
    scheduled,
  )
  const rows = there.flatMap(({ row }) => row ?? [])
  if (rows.length > 0) await deps.findings.addPeople(auditId, rows)
  const still = new Set((await withoutDeleted(deps, there)).map(({ identity }) => identity))
  for (const { tenant, identity } of there)
    if (!still.has(identity)) await deps.deletions.requestSweep({ tenant, identity })
}
