import { DOCS_FOLDER, problemPage } from '../../domain/text/problem-page.ts'

declare global {
  /** HOLDFAST_DOCS_URL. The worker sets it in front of the bundled code, since workflow code reads no environment. */
  // oxlint-disable-next-line no-var
  var holdfastDocsUrl: string | undefined
}

/**
 * The pages on these names, as a paragraph of current details; none where there are no names. Details are not part of
 * the history, so the address may differ between workers and replays.
 */
export function moreDetails(names: readonly string[]): string[] {
  const docsUrl = globalThis.holdfastDocsUrl ?? DOCS_FOLDER
  const pages = [...new Set(names)].map((name) => asLink(problemPage(name, docsUrl)))
  return pages.length === 0 ? [] : [`More: ${pages.join(', ')}`]
}

/** A path in the checkout is no link, and would be one to a page of the Temporal UI. */
function asLink(page: string): string {
  return URL_START.test(page) ? `<${page}>` : `\`${page}\``
}

const URL_START = /^https?:\/\//
