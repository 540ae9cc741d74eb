import { defineConfig } from 'vitest/config'
import { patience } from './test/support/patience.ts'

/** Poison: a test that ever listens to the shell's environment fails here instead of reaching somebody's server. */
const POISON = {
  TEMPORAL_ADDRESS: 'poisoned.invalid:7233',
  TEMPORAL_CONFIG_FILE: '',
  MONGODB_URI: 'mongodb://poisoned.invalid:27017',
  MONGODB_DB: 'poisoned',
  PDS_URL: 'http://poisoned.invalid',
  HOLDFAST_URL: 'http://poisoned.invalid',
}

const shared = { env: POISON, testTimeout: patience(300_000), hookTimeout: patience(300_000) }

/** Tests that start no server. */
const RULES = [
  'test/*.test.ts',
  'test/{contracts,domain,config,crypto,payloads,deploy,intake,prove,systems,why}/**/*.test.ts',
  'test/cli/{format,lib}/**/*.test.ts',
  'test/cli/*.test.ts',
  'test/workflows/lib/**/*.test.ts',
  'test/checks/redact.test.ts',
  'test/client/visibility-query.test.ts',
  'test/dev/options.test.ts',
  'test/http/operators/**/*.test.ts',
  'test/http/metrics/{refreshed,registry}.test.ts',
]

/** Tests that start the servers they need by themselves. */
const SERVERS = [
  'test/dev/servers/**/*.test.ts',
  'test/state/postgres/**/*.test.ts',
  'test/adapters/postgres/**/*.test.ts',
  'test/{adapters,checks}/supabase/**/*.test.ts',
]

/** The contract of Holdfast's stores, which needs the databases alone. */
const CONTRACT = 'test/state/contract/**/*.test.ts'

export default defineConfig({
  test: {
    maxWorkers: 3, // on two cores: a test mostly waits for servers
    projects: [
      {
        test: {
          ...shared,
          name: 'rules',
          include: RULES,
        },
      },
      { test: { ...shared, name: 'servers', include: SERVERS } },
      {
        test: {
          ...shared,
          name: 'state',
          include: [CONTRACT],
          globalSetup: ['test/state/contract/servers.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'real',
          include: [
            'test/{adapters,state,activities,checks,workflows,worker,http,client,peers,third-system}/**/*.test.ts',
            'test/cli/commands/**/*.test.ts',
            'test/dev/*.test.ts',
          ],
          exclude: [...RULES, ...SERVERS, CONTRACT],
          globalSetup: ['test/support/shared-servers.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          globalSetup: ['test/support/shared-servers.ts'],
          testTimeout: patience(600_000),
        },
      },
    ],
  },
})
