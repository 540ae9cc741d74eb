import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { WorkflowBundle } from '@temporalio/worker'

const MAX_CODE_BYTES = 64 * 1024 * 1024

/**
 * The workflow code with its converters as one script; `docsUrl` is HOLDFAST_DOCS_URL for its links. A separate process
 * builds it, since the bundler's memory, about 300 MiB, would otherwise stay with a worker that runs for months.
 */
export async function bundleWorkflows(docsUrl?: string): Promise<WorkflowBundle> {
  const script = fileURLToPath(new URL(`./bundle-process${extname(import.meta.url)}`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: MAX_CODE_BYTES })
  return {
    code:
      docsUrl === undefined ? stdout : `globalThis.holdfastDocsUrl = ${JSON.stringify(docsUrl)}; ${stdout}`,
  }
}
