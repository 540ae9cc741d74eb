import pc from 'picocolors'
import { problemPage } from '../../domain/text/problem-page.ts'

/**
 * The line with the pages on these names, each once; none where there are no names. Below a table it stands for all
 * rows, since a link in each row would widen the table.
 */
export function moreLine(names: readonly string[]): string[] {
  const pages = [...new Set(names)].map((name) => problemPage(name))
  return pages.length === 0 ? [] : [`${pc.bold('More:')} ${pages.join(', ')}`]
}
