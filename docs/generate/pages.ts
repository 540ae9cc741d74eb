import { format, resolveConfig } from 'prettier'
import { fileOf } from '../../test/deploy/files.ts'
import { cliPage } from './cli.ts'
import { configurationPage } from './configuration.ts'
import { guaranteesPage } from './guarantees.ts'
import { metricsPage } from './metrics.ts'
import { problemsPage } from './problems.ts'
import { runbookPage } from './runbook.ts'

/** The pages of docs/ that are made from the code, by path. */
const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/cli.md': cliPage,
  'docs/configuration.md': configurationPage,
  'docs/guarantees.md': guaranteesPage,
  'docs/metrics.md': metricsPage,
  'docs/problems.md': problemsPage,
  'docs/runbook.md': runbookPage,
}

const NOTICE = '<!-- Made by `npm run docs` from the code: change the code, not this page. -->'

/** The text of each generated page, as it has to stand in docs/. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  for (const [path, page] of Object.entries(PAGES)) {
    const style = await resolveConfig(fileOf(path))
    pages.set(path, await format(`${NOTICE}\n\n${await page()}`, { ...style, parser: 'markdown' }))
  }
  return pages
}
