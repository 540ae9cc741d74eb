import { randomBytes } from 'node:crypto'
import { createHandleSyncs } from '../../src/client/atproto/handle-syncs.ts'
import { createCatchUps } from '../../src/client/catch-ups.ts'
import { createDeletions } from '../../src/client/deletions.ts'
import { unservedQueues } from '../../src/client/pollers.ts'
import { createRuns } from '../../src/client/runs.ts'
import { createUnstoredAlerts } from '../../src/client/unstored-alerts.ts'
import { unstoredAlertWorkflowId, watchHandlesWorkflowId } from '../../src/contracts/ids.ts'
import type { BackfillInput } from '../../src/contracts/backfill.ts'
import { createMongoState } from '../../src/state/mongo/state.ts'
import type { WorkerDeps } from '../support/atproto-worker.ts'
import type { World } from '../support/create-world.ts'
import { eventually } from '../support/eventually.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { playProfileSignup } from './profile-signup.ts'

/** The history of a workflow other than a signup. */
export interface EngineScenario {
  readonly env?: Readonly<Record<string, string>>
  /** Runs on a Temporal server that suggests to continue as new after a few events. */
  readonly shortHistories?: true
  /** Returns the id of the workflow whose runs are recorded. */
  readonly play: (world: World) => Promise<string>
}

const TENANT = 'aesthetic'
/** People count as lacking records as soon as they have signed up. */
const AT_ONCE = { HOLDFAST_GRACE_MINUTES: '0' }

/** Every path through the other workflows that a later version has to be able to continue. */
export const ENGINE_SCENARIOS: Readonly<Record<string, EngineScenario>> = {
  audit: {
    env: AT_ONCE,
    play: async (world) => {
      await startPollingWorker(world)
      newPeople(world, 2)
      const runs = createRuns(world.temporal)
      const workflowId = await runs.startAudit('atproto', {})
      await runs.follow(workflowId, () => {})
      return workflowId
    },
  },
  'backfill-dry-run': { env: AT_ONCE, play: (world) => backfilled(world, 2, {}) },
  backfill: { env: AT_ONCE, play: (world) => backfilled(world, 3, { fix: true }) },
  'backfill-continued-as-new': {
    env: AT_ONCE,
    shortHistories: true,
    play: (world) => backfilled(world, 12, { fix: true }),
  },
  'backfill-paused': {
    env: AT_ONCE,
    play: async (world) => {
      await startPollingWorker(world)
      newPeople(world, 3)
      const runs = createRuns(world.temporal)
      const workflowId = await runs.startBackfill('atproto', { fix: true })
      await eventually('it can be paused', () => runs.control(workflowId, 'pause'))
      await runs.control(workflowId, 'resume')
      await runs.follow(workflowId, () => {})
      return workflowId
    },
  },
  'profile-signup': { play: playProfileSignup },
  'catch-up': {
    play: async (world) => {
      await world.startWorker()
      newPeople(world, 2)
      const catchUps = createCatchUps(world.temporal, 'atproto')
      const { workflowId } = await catchUps.start(TENANT)
      await eventually('it ends', async () => (await catchUps.progress(workflowId)).ended)
      return workflowId
    },
  },
  ingest: {
    play: async (world) => {
      await world.startWorker()
      const signedUpAt = '2026-01-02T03:04:05.000Z'
      const news = newPeople(world, 3).map((identity) => ({ identity, signedUpAt }))
      const { workflowId } = await world.signups.ingest(TENANT, news)
      await world.temporal.workflow.getHandle(workflowId).result()
      return workflowId
    },
  },
  'delete-user': {
    play: async (world) => {
      await world.startWorker()
      const [identity = ''] = newPeople(world, 1)
      await completed(world, identity)
      return deleted(world, identity)
    },
  },
  'delete-user-paused': {
    play: async (world) => {
      const { switches } = createMongoState(world.db, 'atproto')
      await switches.pause('a recording', null, 'deletions')
      await world.startWorker()
      const [identity = ''] = newPeople(world, 1)
      const deletions = deletionsOf(world)
      world.auth0.deleteUser(identity)
      const { workflowId, runId } = await deletions.start({ tenant: TENANT, identity })
      await eventually('it is blocked', async () => {
        const status = await deletions.status(workflowId, runId)
        return status?.problem?.name === 'deletions-paused'
      })
      await switches.resume('deletions')
      const handle = world.temporal.workflow.getHandle(workflowId)
      await handle.signal('retry')
      await handle.result()
      return workflowId
    },
  },
  'sync-handle': {
    play: async (world) => {
      await world.startWorker()
      const [identity = ''] = newPeople(world, 1)
      await completed(world, identity)
      const handle = randomBytes(6).toString('hex')
      await world.db.collection<{ _id: string }>('@handles').insertOne({ _id: identity, handle } as never)
      const syncs = createHandleSyncs(world.temporal, () => '')
      const { workflowId } = await syncs.requestSync({ tenant: TENANT, identity })
      await world.temporal.workflow.getHandle(workflowId).result()
      return workflowId
    },
  },
  'watch-handles': {
    play: async (world) => {
      let broken = true
      await world.startWorker((deps): WorkerDeps => ({
        ...deps,
        handleChanges: {
          ...deps.handleChanges,
          follow: (...args) =>
            broken
              ? Promise.reject(new OutsideError('mongo-denied', 'away'))
              : deps.handleChanges.follow(...args),
        },
      }))
      const workflowId = watchHandlesWorkflowId('atproto')
      await createHandleSyncs(world.temporal, () => '').ensureWatcher()
      const handle = world.temporal.workflow.getHandle(workflowId)
      const scheduled = async () =>
        ((await handle.fetchHistory()).events ?? []).filter(
          ({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes,
        ).length
      await eventually('it has a problem', async () => {
        const { typedSearchAttributes } = await handle.describe()
        return JSON.stringify(typedSearchAttributes).includes('mongo-denied')
      })
      broken = false
      const before = await scheduled()
      await handle.signal('retry')
      await eventually('it follows again', async () => (await scheduled()) > before)
      return workflowId
    },
  },
  watch: {
    play: async (world) => {
      await world.startWorker()
      return watched(world)
    },
  },
  'watch-while-a-dependency-is-away': {
    play: async (world) => {
      await world.startWorker((deps): WorkerDeps => ({
        ...deps,
        health: {
          ...deps.health,
          dependencies: deps.health.dependencies.map((one) =>
            one.dependency === 'pds'
              ? { ...one, check: () => Promise.reject(new OutsideError('pds-unreachable', 'away')) }
              : one,
          ),
        },
      }))
      return watched(world)
    },
  },
  'unstored-alert': {
    play: async (world) => {
      await world.startWorker()
      const dedupKey = 'holdfast/atproto/mongo-unreachable'
      await createUnstoredAlerts(world.temporal, 'atproto').claim({
        name: 'mongo-unreachable',
        system: 'atproto',
        severity: 'critical',
        title: 'Critical: mongo-unreachable in atproto',
        sentence: 'MongoDB does not answer.',
        fix: 'Bring it back.',
        since: '2026-01-02T03:04:05.000Z',
        count: 0,
        consequences: [],
        people: [],
        dedupKey,
      })
      const workflowId = unstoredAlertWorkflowId(dedupKey)
      const handle = world.temporal.workflow.getHandle(workflowId)
      await eventually('it waits', async () => ((await handle.fetchHistory()).events ?? []).length > 3)
      return workflowId
    },
  },
}

/** An audit or a backfill is refused where Temporal has not seen a worker poll yet. */
async function startPollingWorker(world: World): Promise<void> {
  await world.startWorker()
  await eventually(
    'the worker polls',
    async () => (await unservedQueues(world.temporal, 'atproto')).length === 0,
  )
}

function newPeople(world: World, count: number): string[] {
  return Array.from({ length: count }, () =>
    world.auth0.signUp({ email: `${randomBytes(6).toString('hex')}@example.com`, verified: true }),
  )
}

async function completed(world: World, identity: string): Promise<void> {
  const signedUpAt = '2026-01-02T03:04:05.000Z'
  await world.signups.notify({ tenant: TENANT, identity, signedUpAt, hint: 'emailVerified' })
  await eventually('it completes', async () => {
    const status = await world.reader.status(world.idOf(identity))
    return status?.stage === 'completed'
  })
}

function deletionsOf(world: World) {
  return createDeletions(world.temporal, 'atproto', () => '')
}

async function deleted(world: World, identity: string): Promise<string> {
  world.auth0.deleteUser(identity)
  const { workflowId } = await deletionsOf(world).start({ tenant: TENANT, identity })
  await world.temporal.workflow.getHandle(workflowId).result()
  return workflowId
}

async function backfilled(world: World, people: number, input: BackfillInput): Promise<string> {
  await startPollingWorker(world)
  newPeople(world, people)
  const runs = createRuns(world.temporal)
  const workflowId = await runs.startBackfill('atproto', input)
  await runs.follow(workflowId, () => {})
  return workflowId
}

async function watched(world: World): Promise<string> {
  const workflowId = 'watch/atproto/recorded'
  await world.temporal.workflow.execute('watch', {
    workflowId,
    taskQueue: 'holdfast-atproto',
    args: [{ blockedMinutes: 0 }],
  })
  return workflowId
}
