import type { DeletionAnswers } from '../../../src/activities/deletion/answers.ts'
import type { SystemWorker, WorkerPart } from '../../../src/systems/worker-part.ts'
import { breakerOf, withBreaker } from '../../../src/worker/breakers.ts'
import { connectCommonDeps, withCommonGuards } from '../../../src/worker/common-deps.ts'
import type { WorkerConnections } from '../../../src/worker/connections.ts'
import { withWriteGuard } from '../../../src/worker/write-guards.ts'
import { createLibraryAudit } from './audit.ts'
import { createLibraryActivities } from './activities.ts'
import { libraryUrl } from './config.ts'
import { openLibrary } from './database.ts'
import { connectLibraryIntake, membersSource } from './news.ts'
import { cardRecords } from './records.ts'

const BREAKER = { dependency: 'library', noAnswer: 'library-unreachable', slowMs: null } as const

export const libraryWorker: WorkerPart = {
  configure(env) {
    const url = libraryUrl(env)
    return { connect: (connections) => connectLibrary(url, connections) }
  },
}

function connectLibrary(url: string, connections: WorkerConnections): SystemWorker {
  const { config, opened, guard, hash, keyring, logger } = connections
  const { close, ...calls } = openLibrary(url)
  const breaker = breakerOf(BREAKER)
  const library = withWriteGuard(guard, withBreaker(breaker, calls), {
    ping: 'reads',
    member: 'reads',
    membersAfter: 'reads',
    withoutCard: 'reads',
    card: 'reads',
    ensureCard: 'creates',
    removeCard: 'writes',
    memberOfCard: 'reads',
    newest: 'reads',
    cardHolders: 'reads',
    issueReserved: 'creates',
    unowned: 'reads',
    removeUnowned: 'writes',
    count: 'reads',
  })
  const people = async () => (await calls.count()).members
  const deps = withCommonGuards(connectCommonDeps('library', connections, people), connections)
  const { signups, stepHistory } = deps
  const deletion: DeletionAnswers = {
    provider: {
      locate: (identity) => ({ tenant: '-', identity, userId: identity }),
      createdAt: async ({ identity }) => (await library.member(identity))?.signedUpAt ?? null,
    },
    recordsCreatedAt: () => Promise.resolve(null),
    personalData: opened.state.personalData({ keyring, hash, records: cardRecords(library) }),
  }
  const news = connectLibraryIntake({ opened, signups, config, logger }, library)
  return {
    activities: () => ({
      activities: {
        ...createLibraryActivities({ ...deps, ...deletion, library, stepHistory }),
      },
      queues: [],
      common: deps,
      audit: createLibraryAudit({ ...deps, library }),
      sources: { members: membersSource(library, news, hash) },
      deletion,
    }),
    health: () => ({
      dependencies: [
        { dependency: 'library' as const, tenant: null, check: () => breaker.runAlways(() => calls.ping()) },
      ],
      inspections: [],
      mayBeResolved: () => Promise.resolve(false),
    }),
    begin: () => Promise.resolve(() => {}),
    async close() {
      await news.intake.flush()
      await close()
    },
  }
}
