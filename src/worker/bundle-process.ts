/**
 * Entry, started by `bundle.ts` with the module of the workflows: prints the bundled workflow code, and its warnings on
 * standard error.
 */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { CONVERTER_PATHS } from '../payloads/data-converter.ts'

const [, , workflowsPath = ''] = process.argv
const { code } = await bundleWorkflowCode({
  workflowsPath,
  ...CONVERTER_PATHS,
  logger: new DefaultLogger('WARN'),
})
process.stdout.write(code)
