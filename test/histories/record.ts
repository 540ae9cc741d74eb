import { readdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { terminalProgress } from '../../dev/servers/lib/progress.ts'
import { startTemporal } from '../../dev/servers/temporal/temporal.ts'
import { createWorld } from '../support/create-world.ts'
import { startServers } from '../support/start-servers.ts'
import { HISTORY_KEY, historyText } from './history-file.ts'
import { ENGINE_SCENARIOS, type EngineScenario } from './engine-scenarios.ts'
import { play, SCENARIOS } from './scenarios.ts'

/**
 * `npm run histories`: plays every scenario that has no history yet on real servers, and writes the history of each run
 * beside this file. `-- --all` replaces the existing ones: only where no workflow of theirs can be running anywhere.
 */
const HERE = fileURLToPath(new URL('.', import.meta.url))

const { servers, stop } = await startServers()
const short = await startTemporal({
  progress: terminalProgress(),
  searchAttributes: SEARCH_ATTRIBUTES,
  dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 12 },
})
try {
  if (process.argv.includes('--all'))
    for (const name of await readdir(HERE)) if (name.endsWith('.json')) await rm(`${HERE}${name}`)
  const recorded = new Set(await readdir(HERE))
  const ofSignups = Object.entries(SCENARIOS).map(([name, scenario]): [string, EngineScenario] => [
    name,
    { ...scenario, play: (world) => play(world, scenario) },
  ])
  for (const [name, scenario] of [...ofSignups, ...Object.entries(ENGINE_SCENARIOS)]) {
    if (recorded.has(`${name}.json`)) continue
    const world = await createWorld(servers, {
      env: { HOLDFAST_KEY: `${HISTORY_KEY.id}:${HISTORY_KEY.bytes.toString('base64')}`, ...scenario.env },
      ...(scenario.shortHistories ? { temporalAddress: short.address, namespace: short.namespace } : {}),
    })
    try {
      const workflowId = await scenario.play(world)
      let run = 0
      for await (const { runId } of world.temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
        const history = await world.temporal.workflow.getHandle(workflowId, runId).fetchHistory()
        run += 1
        const path = `${HERE}${name}${run === 1 ? '' : `-${run}`}.json`
        await writeFile(path, historyText(history))
      }
    } finally {
      await world.close()
    }
  }
} finally {
  await short.stop()
  await stop()
}
