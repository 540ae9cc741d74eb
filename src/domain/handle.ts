/** What a PDS takes as the part of a handle before its own domain. Reserved and bad words are its own to judge. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{1,16})[a-z0-9]$/

/**
 * The application's mapping of a chosen handle onto a PDS handle: lower case, `.` and `_` become `-`.
 * Null where no PDS can take the result (too short, too long, other characters): the user code serves then.
 */
export function handleLabel(chosen: string): string | null {
  const label = chosen.trim().replace(/^@/, '').toLowerCase().replaceAll(/[._]/g, '-')
  return LABEL.test(label) ? label : null
}

/** `domain` as in `PDS_HANDLE_DOMAIN`, with or without its leading dot. */
export function handleUnder(label: string, domain: string): string {
  return `${label}.${domain.replace(/^\./, '')}`
}
