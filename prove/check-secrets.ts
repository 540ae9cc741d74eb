import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Testbed } from './testbed.ts'
import { signedUpAgain, type Person } from './people.ts'

/**
 * Searches for the canary, which every address and password contains, in plain text and in base64, wherever no personal
 * data may be stored in plain text: Temporal's database including search attributes, the logs, and the application's
 * database. The search also has to find a workflow id there, which proves that it works.
 */
export async function findLeaks(testbed: Testbed, people: readonly Person[]): Promise<string[]> {
  const { temporalDb, logs } = testbed.files
  const found: string[] = []
  let seen = false
  for (const file of [temporalDb, `${temporalDb}-wal`, ...logs]) {
    if (!existsSync(file)) continue // the write-ahead log exists only while it has entries
    const content = await readFile(file)
    if (spellings(testbed.canary).some((spelling) => content.includes(spelling)))
      found.push(`an address or a password stands in clear in ${basename(file)}`)
    seen ||= people.some(({ workflowId }) => content.includes(workflowId))
  }
  // An identity that contains an address is the application's own key, as long as the person exists.
  const federated = new RegExp(`\\|${testbed.canary}[\\w-]+@example\\.com`, 'g')
  for (const [name, documents] of await everyDocument(testbed)) {
    if (documents.replaceAll(federated, '').includes(testbed.canary))
      found.push(`an address or a password stands in clear in ${name}`)
  }
  return seen || people.length === 0 ? found : [...found, 'the search for secrets finds nothing at all']
}

/** Deleted people who are still named in a document. */
export async function findLeftovers(testbed: Testbed, people: readonly Person[]): Promise<string[]> {
  const gone = people.filter((person) => person.deleted && !signedUpAgain(person, people))
  if (gone.length === 0) return []
  const collections = await everyDocument(testbed)
  return gone.flatMap(({ identity }) =>
    collections
      .filter(([, documents]) =>
        [identity, escaped(identity)].some((spelling) => documents.includes(spelling)),
      )
      .map(([name]) => `${identity} was deleted and stands in ${name}`),
  )
}

/** The text in the form in which JSON contains it. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Each collection's name with its whole content. */
async function everyDocument({ db }: Testbed): Promise<[string, string][]> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  return Promise.all(
    collections.map(async ({ name }) => [name, JSON.stringify(await db.collection(name).find().toArray())]),
  )
}

/**
 * In base64 a text has three spellings, depending on its offset; its ends depend on the neighbouring bytes and are left
 * out.
 */
function spellings(text: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + text)
      .toString('base64')
      .replaceAll('=', '')
    return encoded.slice(offset === 0 ? 0 : offset + 1, -1)
  })
  return [text, ...inBase64]
}
