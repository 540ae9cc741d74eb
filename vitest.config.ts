import { defineConfig } from 'vitest/config'

/** Poison: a test that ever listens to the shell's environment fails here instead of reaching somebody's server. */
const POISON = {
  TEMPORAL_ADDRESS: 'poisoned.invalid:7233',
  TEMPORAL_CONFIG_FILE: '',
  MONGODB_URI: 'mongodb://poisoned.invalid:27017',
  MONGODB_DB: 'poisoned',
  PDS_URL: 'http://poisoned.invalid',
  HOLDFAST_URL: 'http://poisoned.invalid',
}

const shared = { env: POISON, testTimeout: 60_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'rules',
          include: ['test/{contracts,domain,config,crypto,payloads,cli,deploy,intake,prove}/**/*.test.ts'],
        },
      },
      { test: { ...shared, name: 'servers', include: ['test/embedded/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'real',
          include: [
            'test/{adapters,activities,checks,workflows,worker,http,client,commands,peers,dev}/**/*.test.ts',
          ],
          globalSetup: ['test/support/shared-servers.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          globalSetup: ['test/support/shared-servers.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
})
