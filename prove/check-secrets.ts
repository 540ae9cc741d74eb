import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Ground } from './ground.ts'
import { cameBack, type Person } from './people.ts'

/**
 * Looks for the canary, which every address and password holds, as it is and in base64, where nothing of a person may
 * stand in clear: Temporal's database, search attributes with it, the logs, and the application's database. That
 * somebody's workflow is found there proves that the search finds what there is.
 */
export async function leaks(ground: Ground, people: readonly Person[]): Promise<string[]> {
  const { temporalDb, logs } = ground.files
  const found: string[] = []
  let seen = false
  for (const file of [temporalDb, `${temporalDb}-wal`, ...logs]) {
    if (!existsSync(file)) continue // the write-ahead log is there only while something is in it
    const content = await readFile(file)
    if (spellings(ground.canary).some((spelling) => content.includes(spelling)))
      found.push(`an address or a password stands in clear in ${basename(file)}`)
    seen ||= people.some(({ workflowId }) => content.includes(workflowId))
  }
  // An identity that holds an address is the application's own key, for as long as the person is there.
  const federated = new RegExp(`\\|${ground.canary}[\\w-]+@example\\.com`, 'g')
  for (const [name, documents] of await everyDocument(ground)) {
    if (documents.replaceAll(federated, '').includes(ground.canary))
      found.push(`an address or a password stands in clear in ${name}`)
  }
  return seen || people.length === 0 ? found : [...found, 'the search for secrets finds nothing at all']
}

/** Who was deleted and is named in a document all the same. */
export async function leftBehind(ground: Ground, people: readonly Person[]): Promise<string[]> {
  const gone = people.filter((person) => person.deleted && !cameBack(person, people))
  if (gone.length === 0) return []
  const collections = await everyDocument(ground)
  return gone.flatMap(({ identity }) =>
    collections
      .filter(([, documents]) => documents.includes(identity))
      .map(([name]) => `${identity} was deleted and stands in ${name}`),
  )
}

/** Each collection's name with all that is in it. */
async function everyDocument({ db }: Ground): Promise<[string, string][]> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  return Promise.all(
    collections.map(async ({ name }) => [name, JSON.stringify(await db.collection(name).find().toArray())]),
  )
}

/** In base64 a text has three spellings, by where it begins; its ends depend on its neighbours and are left out. */
function spellings(text: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + text)
      .toString('base64')
      .replaceAll('=', '')
    return encoded.slice(offset === 0 ? 0 : offset + 1, -1)
  })
  return [text, ...inBase64]
}
