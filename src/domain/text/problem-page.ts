/** The folder of the documentation in a checkout; in what is shown, HOLDFAST_DOCS_URL replaces it. */
export const DOCS_FOLDER = 'docs'

/** The address of the entry on a problem, gap, alert or finding in problems.md: its cause, and what to do. */
export function problemPage(name: string, docsUrl = DOCS_FOLDER): string {
  return `${docsUrl}/problems.md#${name}`
}

const PAGE = new RegExp(`(?<![\\w./-])${problemPage('')}(?=[a-z])`, 'g')

/** A text whose addresses of pages begin with `docsUrl`. */
export function withDocsUrl(text: string, docsUrl: string): string {
  return text.replace(PAGE, () => problemPage('', docsUrl))
}
