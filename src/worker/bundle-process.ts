/** Entry, started by `bundle.ts`: prints the bundled workflow code, and what there is to say on standard error. */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { WORKFLOWS } from './workflows-path.ts'

const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') })
process.stdout.write(code)
