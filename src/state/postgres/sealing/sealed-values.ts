import type { System } from '../../../contracts/systems.ts'
import { resealing, sealing } from '../../lib/changed-value.ts'
import type {
  EncryptedField,
  PlaintextCount,
  RotatedField,
  SealedSample,
  SealedValues,
  SealOutcome,
} from '../../ports/sealed-values.ts'
import { QUARANTINE } from '../quarantine/place.ts'
import type { PostgresDatabase } from '../../../adapters/postgres/lib/connect.ts'
import type { StateTables } from '../tables.ts'
import { describeTable } from './sealed-table.ts'
import { countPlaintextValues, keysIn, sampleValues, updateValues, type LongStatement } from './values.ts'

/** The limit of a statement that reads a whole table, of the application's perhaps. */
const WHOLE_TABLE_MS = 10 * 60_000

/** The fields that every system has; each system adds its own. */
const GENERAL_FIELDS: readonly EncryptedField[] = [
  {
    collection: QUARANTINE,
    path: 'content',
    context: { collection: QUARANTINE, field: 'content' },
    isSampled: true,
  },
]

/** Sealed columns of type `text`, or lists of them, in tables of Holdfast and in those that the system names. */
export function createSealedValues(
  { db, longTransaction }: PostgresDatabase<StateTables>,
  system: System,
): SealedValues {
  const long: LongStatement = (run) => longTransaction(WHOLE_TABLE_MS, run)
  const nameOf = ({ collection, path }: EncryptedField) => ({ collection, field: path })
  return {
    fields: GENERAL_FIELDS,

    async samples(fields) {
      const found: SealedSample[] = []
      for (const field of fields.filter(({ isSampled }) => isSampled === true)) {
        const table = await describeTable(db, system, field)
        for (const { key, id, value } of await sampleValues(long, field, table))
          found.push({ keyId: key, sealed: value, place: { ...field.context, person: id } })
      }
      return found
    },

    async countPlaintext(fields) {
      const counts: PlaintextCount[] = []
      for (const field of fields) {
        const table = await describeTable(db, system, field)
        counts.push({ ...nameOf(field), plain: await countPlaintextValues(long, field, table) })
      }
      return counts
    },

    async sealPlaintext(keyring, fields) {
      const done: SealOutcome[] = []
      for (const field of fields) {
        const table = await describeTable(db, system, field)
        const { changed } = await updateValues({ db, long }, field, table, 'plain', sealing(keyring))
        done.push({
          ...nameOf(field),
          sealed: changed,
          plain: await countPlaintextValues(long, field, table),
        })
      }
      return done
    },

    async rotate(keyring, fields) {
      const done: RotatedField[] = []
      for (const field of fields) {
        const table = await describeTable(db, system, field)
        const { changed, unopened } = await updateValues(
          { db, long },
          field,
          table,
          'sealed',
          resealing(keyring),
        )
        const plain = await countPlaintextValues(long, field, table)
        const keys = await keysIn(long, field, table)
        done.push({ ...nameOf(field), resealed: changed, unopened, plain, keys })
      }
      return done
    },
  }
}
