import type { TestProject } from 'vitest/node'
import { startServers, type SharedServers } from './start-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    servers: SharedServers
  }
}

let stop = async (): Promise<void> => {}

/** Starts the servers once for a whole run, and stops them at its end. */
export async function setup(project: TestProject): Promise<void> {
  const started = await startServers()
  stop = started.stop
  project.provide('servers', started.servers)
}

export async function teardown(): Promise<void> {
  await stop()
}
