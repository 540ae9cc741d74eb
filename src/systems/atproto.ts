import { loadAtprotoConfig } from '../config/atproto/sections.ts'
import { knownAtprotoSettings } from '../config/atproto/settings.ts'
import { ATPROTO_SERVER_SECTIONS, startAtprotoServer } from '../http/atproto/start.ts'
import { ATPROTO_SECTIONS } from '../worker/atproto/deps.ts'
import { startAtprotoWorker } from '../worker/atproto/start.ts'
import type { ServedSystem } from './system.ts'

/** Auth0 → MongoDB (`verifications`, `users`) → an account on a PDS. */
export const atproto: ServedSystem = {
  name: 'atproto',
  settings: knownAtprotoSettings,
  worker: { checkConfig: (env) => void loadAtprotoConfig(ATPROTO_SECTIONS, env), start: startAtprotoWorker },
  server: {
    checkConfig: (env) => void loadAtprotoConfig(ATPROTO_SERVER_SECTIONS, env),
    start: startAtprotoServer,
  },
}
