import { ATPROTO_SERVER_SECTIONS, startAtprotoServer } from '../http/atproto/start.ts'
import { ATPROTO_SECTIONS } from '../worker/atproto/deps.ts'
import { startAtprotoWorker } from '../worker/atproto/start.ts'
import type { ServedSystem } from './system.ts'

/** Auth0 → MongoDB (`verifications`, `users`) → an account on a PDS. */
export const atproto: ServedSystem = {
  name: 'atproto',
  worker: { sections: ATPROTO_SECTIONS, start: startAtprotoWorker },
  server: { sections: ATPROTO_SERVER_SECTIONS, start: startAtprotoServer },
}
