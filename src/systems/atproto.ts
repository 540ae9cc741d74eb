import { atprotoCommands, atprotoRepairs } from '../cli/atproto/commands.ts'
import { atprotoPeople } from '../config/atproto/people.ts'
import { atprotoCatchUps } from '../config/atproto/catch-ups.ts'
import { atprotoPasswords } from '../config/atproto/stored-passwords.ts'
import { loadAtprotoConfig } from '../config/atproto/sections.ts'
import { IN_MONGODB } from '../config/state.ts'
import { knownAtprotoSettings } from '../config/atproto/settings.ts'
import { NOTED_CODES } from '../domain/atproto/noted-events.ts'
import { ATPROTO_FIELDS } from '../state/mongo/atproto/encrypted-fields.ts'
import type { ServedSystem } from './system.ts'

/** Auth0 → MongoDB (`verifications`, `users`) → an account on a PDS. */
export const atproto: ServedSystem = {
  name: 'atproto',
  people: atprotoPeople,
  state: IN_MONGODB,
  commands: atprotoCommands,
  settings: knownAtprotoSettings,
  catchUps: atprotoCatchUps,
  passwords: atprotoPasswords,
  encryptedFields: ATPROTO_FIELDS,
  repairs: atprotoRepairs,
  notedEvents: NOTED_CODES,
  checks: async () => (await import('../checks/atproto/all.ts')).atprotoChecks,
  intake: async () => {
    const { connectAtprotoIntake } = await import('../intake/atproto/connect.ts')
    return (connections, env) =>
      connectAtprotoIntake({
        ...connections,
        tenants: loadAtprotoConfig(['tenantNames'], env).tenantNames,
      })
  },
  onePerson: async () => (await import('../why/atproto/person.ts')).atprotoPerson,
  worker: async () => (await import('../worker/atproto/part.ts')).atprotoWorker,
  server: async () => (await import('../http/atproto/part.ts')).atprotoServer,
}
