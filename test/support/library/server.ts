import { createSignups } from '../../../src/client/signups.ts'
import { rawEntry } from '../../../src/domain/events/split-delivery.ts'
import type { ServerPart } from '../../../src/systems/server-part.ts'
import { libraryUrl } from './config.ts'
import { openLibrary } from './database.ts'
import { connectLibraryIntake } from './news.ts'

/** `POST /webhooks/library`: one event of the front desk a line. */
export const libraryServer: ServerPart = {
  configure(env) {
    const url = libraryUrl(env)
    return {
      connect({ config, temporal, opened, hash, logger }) {
        const library = openLibrary(url)
        const signups = createSignups(temporal, 'library', hash)
        const { intake } = connectLibraryIntake({ opened, signups, config, logger }, library)
        return Promise.resolve({
          addRoutes(app) {
            app.post('/webhooks/library', async (c) => {
              const lines = (await c.req.text()).split('\n').filter((line) => line !== '')
              const entries = lines.map((line) => rawEntry(new TextEncoder().encode(line)))
              const { accepted, duplicates, ignored, quarantined } = await intake.take('-', entries, 'live')
              return c.json({ accepted, duplicates, ignored, quarantined })
            })
          },
          dependencies: [{ name: 'library', ping: () => library.ping() }],
          refusals: () => [],
          ready: () => library.ping(),
          flush: () => intake.flush(),
          close: () => library.close(),
        })
      },
    }
  },
}
