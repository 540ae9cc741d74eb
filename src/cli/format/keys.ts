import { EXIT } from '../../errors.ts'
import type { CommandResult } from '../lib/command.ts'
import { table } from './print.ts'
import { counted } from '../../contracts/text/counted.ts'
import type {
  EncryptedField,
  PlaintextCount,
  RotatedField,
  SealOutcome,
} from '../../state/ports/sealed-values.ts'

export function totalPlaintext(places: readonly PlaintextCount[]): number {
  return places.reduce((sum, { plain }) => sum + plain, 0)
}

/** The number of plain-text values, and their fields. */
export function plaintextCountText(places: readonly PlaintextCount[]): string {
  const total = totalPlaintext(places)
  const where = places
    .filter(({ plain }) => plain > 0)
    .map(({ collection, field, plain }) => `${collection}.${field}: ${plain}`)
  return `${counted(total, 'value is', 'values are')} stored in plain text (${where.join(', ')}).`
}

/** The result of a rotation. It fails if another key is still needed, or a value of `mustBeSealed` is plain text. */
export function rotationResult(
  places: readonly RotatedField[],
  ring: readonly string[],
  mustBeSealed: readonly EncryptedField[],
): CommandResult {
  const [writer = '', ...older] = ring
  const stillNeeded = [...new Set(places.flatMap(({ keys }) => Object.keys(keys)))]
    .filter((id) => id !== writer)
    .toSorted()
  const unopened = places.reduce((sum, place) => sum + place.unopened, 0)
  const free = older.filter((id) => !stillNeeded.includes(id))
  const inClear = places.filter(({ collection, field }) =>
    mustBeSealed.some((other) => other.collection === collection && other.path === field),
  )
  const plain = totalPlaintext(inClear)
  const rows = places.map((place) => [
    place.collection,
    place.field,
    String(place.resealed),
    String(place.unopened),
    String(place.plain),
    Object.entries(place.keys)
      .map(([id, count]) => `${id}: ${count}`)
      .join(', ') || '-',
  ])
  const lines = [
    table(
      ['COLLECTION', 'FIELD', 'RE-ENCRYPTED', 'NOT DECRYPTED', 'PLAIN TEXT', 'ENCRYPTED NOW, BY KEY'],
      rows,
    ),
    '',
  ]
  if (plain > 0) lines.push(`${plaintextCountText(inClear)} To encrypt: holdfast keys seal`)
  if (stillNeeded.length > 0)
    lines.push(
      `The stored data still need the keys: ${stillNeeded.join(', ')}. Restart every process so that it writes with ${writer}, add missing keys, and run this again.`,
    )
  else lines.push(`${plain === 0 ? 'Everything' : 'The rest'} is encrypted with ${writer}.`)
  if (free.length > 0) lines.push(`The stored data no longer need the keys: ${free.join(', ')}. ${HISTORIES}`)
  return {
    document: { writer, stillNeeded, free, freeInMongo: free, unopened, plain, places },
    text: lines.join('\n'),
    exitCode: stillNeeded.length === 0 && plain === 0 ? EXIT.done : EXIT.failed,
  }
}

/** The result of `keys seal`, or of its dry run. It fails if plain-text values remain after it. */
export function sealingResult({
  writer,
  left,
  dryRun,
  places,
}: {
  writer: string
  /** The sentences that passwords were left in plain text, as configured. */
  left: readonly string[]
  dryRun: boolean
  places: readonly (PlaintextCount | SealOutcome)[]
}): CommandResult {
  const sealings = places.map((place) => ({ ...place, sealed: 'sealed' in place ? place.sealed : 0 }))
  const plain = totalPlaintext(places)
  const sealed = sealings.reduce((sum, place) => sum + place.sealed, 0)
  const rows = sealings.map((place) => [
    place.collection,
    place.field,
    String(place.sealed),
    String(place.plain),
  ])
  const lines = [table(['COLLECTION', 'FIELD', 'ENCRYPTED', 'PLAIN TEXT'], rows), '']
  if (plain === 0)
    lines.push(sealed === 0 ? 'Nothing is stored in plain text.' : `Encrypted with ${writer}: ${sealed}.`)
  else if (dryRun)
    lines.push(`${plaintextCountText(places)} Dry run: nothing was changed. To encrypt: holdfast keys seal`)
  else
    lines.push(
      `${plaintextCountText(places)} They were changed meanwhile, or a process still writes plain text: give every process the same environment, then run this again.`,
    )
  lines.push(...left)
  return {
    document: { writer, dryRun, sealed, plain, places: sealings },
    text: lines.join('\n'),
    exitCode: plain === 0 || dryRun ? EXIT.done : EXIT.failed,
  }
}

const HISTORIES =
  'Histories at Temporal need them until the last signup that started with them has ended and its retention has passed. Remove them from HOLDFAST_KEY only after that.'
