import type { Db } from 'mongodb'
import { idsOfAudit, deleteBatch } from '../../../adapters/mongo/lib/delete-batch.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { callMongo, duplicateKey } from '../../../adapters/mongo/lib/errors.ts'
import type { AuditMark, AuditMarks } from '../../ports/audit-marks.ts'

const COLLECTION = 'holdfast_audit_marks'
/** An audit deletes its marks when it ends; this limit is for those of a run that was killed. */
const KEEP_MS = 24 * 3_600_000

/** `_id`: the audit, the mark and the name, with slashes between them. */
interface MarkDocument {
  _id: string
  expiresAt: Date
}

/** `holdfast_audit_marks`. An audit's id is unique among all systems. */
export function createAuditMarks(db: Db): AuditMarks {
  const marks = db.collection<MarkDocument>(COLLECTION)
  const expire = createExpiry(marks)
  const prefixOf = (audit: string, mark: AuditMark): string => `${audit}/${mark}`
  return {
    async add(audit, mark, names) {
      if (names.length === 0) return
      const expiresAt = new Date(Date.now() + KEEP_MS)
      const documents = names.map((name) => ({ _id: `${prefixOf(audit, mark)}/${name}`, expiresAt }))
      await callMongo(COLLECTION, 'insert', async () => {
        await expire()
        try {
          await marks.insertMany(documents, { ordered: false })
        } catch (error) {
          if (duplicateKey(error) === null) throw error // written by an attempt before this one
        }
      })
    },

    async find(audit, mark, names) {
      const prefix = prefixOf(audit, mark)
      const found = await callMongo(COLLECTION, 'find', async () => {
        if ((await marks.findOne({ _id: idsOfAudit(prefix) })) === null) return []
        const ids = names().map((name) => `${prefix}/${name}`)
        return marks.find({ _id: { $in: ids } }).toArray()
      })
      return new Set(found.map(({ _id }) => _id.slice(prefix.length + 1)))
    },

    deleteBatch: async (audit) => ({ all: await deleteBatch(marks, audit) }),
  }
}
