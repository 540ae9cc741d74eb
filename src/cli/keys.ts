import { Argument, Command } from 'commander'
import { resealAll, type Resealed } from '../adapters/mongo/reseal.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { EXIT } from '../entry.ts'
import { answerAlone, withExamples, type Answer, type CommonOptions } from './command.ts'
import { table } from './print.ts'

export function keysCommand(): Command {
  return withExamples(
    new Command('keys')
      .description(
        'Seal everything in MongoDB anew with the first key of HOLDFAST_KEY. Safe beside everything that runs, and to run again.',
      )
      .addArgument(new Argument('<action>', 'what to do').choices(['rotate'])),
    ['keys rotate', 'keys rotate --json | jq .stillNeeded'],
  ).action((_action: string, options: CommonOptions) =>
    answerAlone(options, async (context) => {
      context.assertWrites()
      const { sealing } = context.config('keys').keys
      const places = await resealAll(context.mongo().db, createKeyring(sealing))
      return rotated(
        places,
        sealing.map(({ id }) => id),
      )
    }),
  )
}

function rotated(places: readonly Resealed[], ring: readonly string[]): Answer {
  const [writer = '', ...older] = ring
  const stillNeeded = [...new Set(places.flatMap(({ keys }) => Object.keys(keys)))]
    .filter((id) => id !== writer)
    .toSorted()
  const unopened = places.reduce((sum, place) => sum + place.unopened, 0)
  const free = older.filter((id) => !stillNeeded.includes(id))
  const rows = places.map(({ collection, field, resealed, unopened: closed, keys }) => [
    collection,
    field,
    String(resealed),
    String(closed),
    Object.entries(keys)
      .map(([id, count]) => `${id}: ${count}`)
      .join(', ') || '-',
  ])
  const lines = [
    table(['COLLECTION', 'FIELD', 'SEALED ANEW', 'NOT OPENED', 'SEALED NOW, BY KEY'], rows),
    '',
    stillNeeded.length === 0
      ? `All of it is sealed with ${writer}.`
      : `MongoDB still needs: ${stillNeeded.join(', ')}. Have every process write with ${writer} (restart them), add keys that are missing, and run this again.`,
  ]
  if (free.length > 0) lines.push(`MongoDB needs no longer: ${free.join(', ')}. ${HISTORIES}`)
  return {
    document: { writer, stillNeeded, freeInMongo: free, unopened, places },
    text: lines.join('\n'),
    exitCode: stillNeeded.length === 0 ? EXIT.done : EXIT.failed,
  }
}

const HISTORIES =
  'Histories at Temporal do until the last signup that began under it has ended and its retention has passed: only then take it out of HOLDFAST_KEY.'
