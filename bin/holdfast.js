#!/usr/bin/env node
// Finds a Node that runs the command: this one where it is new enough, else the project's own (the `node` package).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// A checkout runs its TypeScript; an installed package carries it compiled, since Node strips no types under node_modules.
const compiled = join(root, 'dist', 'starter.js')
const entry = existsSync(join(root, 'src', 'starter.ts')) ? join(root, 'src', 'starter.ts') : compiled

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  nodeModule.enableCompileCache() // a third less to wait for a command
  await import(pathToFileURL(entry).href)
} else {
  const { status, signal } = spawnSync(ownNode(), [entry, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (signal !== null) process.kill(process.pid, signal)
  process.exitCode = status ?? 1
}

function ownNode() {
  try {
    return join(
      dirname(nodeModule.createRequire(import.meta.url).resolve('node/package.json')),
      'bin',
      'node',
    )
  } catch {
    process.stderr.write(
      `holdfast needs Node ${OLDEST} or newer; this is ${process.version}, and the "node" package is not installed beside it (npm install node@${OLDEST}).\n`,
    )
    return process.exit(2)
  }
}
