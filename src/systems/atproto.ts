import { atprotoCommands, atprotoRepairs } from '../cli/atproto/commands.ts'
import { atprotoPeople } from '../config/atproto/people.ts'
import { loadAtprotoConfig } from '../config/atproto/sections.ts'
import { atprotoCatchUps } from '../config/atproto/catch-ups.ts'
import { atprotoPasswords } from '../config/atproto/stored-passwords.ts'
import { knownAtprotoSettings } from '../config/atproto/settings.ts'
import type { ServedSystem } from './system.ts'

/** Auth0 → MongoDB (`verifications`, `users`) → an account on a PDS. */
export const atproto: ServedSystem = {
  name: 'atproto',
  people: atprotoPeople,
  commands: atprotoCommands,
  settings: knownAtprotoSettings,
  catchUps: atprotoCatchUps,
  passwords: atprotoPasswords,
  repairs: atprotoRepairs,
  checks: async () => (await import('../checks/atproto/all.ts')).atprotoChecks,
  async worker() {
    const [{ ATPROTO_SECTIONS }, { startAtprotoWorker }] = await Promise.all([
      import('../worker/atproto/deps.ts'),
      import('../worker/atproto/start.ts'),
    ])
    return {
      checkConfig: (env) => void loadAtprotoConfig(ATPROTO_SECTIONS, env),
      start: startAtprotoWorker,
    }
  },
  async server() {
    const { ATPROTO_SERVER_SECTIONS, startAtprotoServer } = await import('../http/atproto/start.ts')
    return {
      checkConfig: (env) => void loadAtprotoConfig(ATPROTO_SERVER_SECTIONS, env),
      start: startAtprotoServer,
    }
  },
}
