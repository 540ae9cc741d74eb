import type { ServedSystem } from '../../../src/systems/system.ts'
import { libraryPeople, libraryUrl } from './config.ts'
import { inPostgres } from '../../../src/config/state.ts'
import { openLibrary } from './database.ts'

/** A library: members whom the front desk knows → a card for each who is confirmed. */
export const library: ServedSystem = {
  name: 'library',
  people: libraryPeople,
  state: inPostgres('library'),
  commands: [],
  settings: ({ LIBRARY_DB_URL }) => ({ LIBRARY_DB_URL }),
  catchUps: () => [{ tenant: '-', note: 'Reads the members whose card is missing' }],
  repairs: [],
  notedEvents: {},
  onePerson: async () => (await import('./one-person.ts')).libraryPerson,
  checks: async () => (await import('./checks.ts')).libraryChecks,
  intake: async () => {
    const { connectLibraryIntake } = await import('./news.ts')
    return (connections, env) => connectLibraryIntake(connections, openLibrary(libraryUrl(env)))
  },
  worker: async () => (await import('./worker.ts')).libraryWorker,
  server: async () => (await import('./server.ts')).libraryServer,
}
