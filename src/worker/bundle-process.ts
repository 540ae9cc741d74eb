/** Entry, started by `bundle.ts`: prints the bundled workflow code, and its warnings on standard error. */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { CONVERTER_PATHS } from '../payloads/data-converter.ts'

/** TypeScript in a checkout, JavaScript in an installed package. */
const workflowsPath = fileURLToPath(new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url))

const { code } = await bundleWorkflowCode({
  workflowsPath,
  ...CONVERTER_PATHS,
  logger: new DefaultLogger('WARN'),
})
process.stdout.write(code)
