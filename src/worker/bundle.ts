import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { WorkflowBundle } from '@temporalio/worker'

const MAX_CODE_BYTES = 64 * 1024 * 1024

/** The workflows of Holdfast: TypeScript in a checkout, JavaScript in an installed package. */
const WORKFLOWS = fileURLToPath(new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url))

interface BundleOptions {
  /** HOLDFAST_DOCS_URL, for the links of the workflows. */
  readonly docsUrl?: string
  /** The module that exports the workflows; Holdfast's own when left out. */
  readonly workflowsPath?: string
}

/**
 * The workflow code with its converters as one script. A separate process builds it, since the bundler's memory, about
 * 300 MiB, would otherwise stay with a worker that runs for months.
 */
export async function bundleWorkflows({
  docsUrl,
  workflowsPath = WORKFLOWS,
}: BundleOptions = {}): Promise<WorkflowBundle> {
  const script = fileURLToPath(new URL(`./bundle-process${extname(import.meta.url)}`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, workflowsPath], {
    maxBuffer: MAX_CODE_BYTES,
  })
  return {
    code:
      docsUrl === undefined ? stdout : `globalThis.holdfastDocsUrl = ${JSON.stringify(docsUrl)}; ${stdout}`,
  }
}
