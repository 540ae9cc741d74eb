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

export interface HandleChoice {
  /** The chosen handle under our domain; null where none is chosen, or no PDS could take it. */
  readonly wanted: string | null
  /** What serves where the wanted one does not; null for a user without a code. */
  readonly byCode: string | null
}

/** The handles that a person's account may have, by what the application says now. */
export function handleChoice(chosen: unknown, code: unknown, domain: string): HandleChoice {
  const label = typeof chosen === 'string' ? handleLabel(chosen) : null
  return {
    wanted: label === null ? null : handleUnder(label, domain),
    byCode: typeof code === 'string' && code !== '' ? handleUnder(code, domain) : null,
  }
}

/**
 * Names under which an account would speak for the service. The PDS has a longer list and judges by it wherever it is
 * asked in the person's own name; as the admin it gives any name, so these are refused here.
 */
const RESERVED = new Set(
  `about abuse account accounts admin administrator api app at atp atproto auth billing blog bluesky bsky bot chat
  contact dev did dns docs email feed handle help helpdesk home host hostmaster info internal legal lex lexicon list
  login logout mail mod moderation moderator mx news nobody noreply no-reply ns nsid official oauth owner password pay
  payment payments pds plc policy postmaster press privacy public registration relay repo root safety sales security
  server service shop signin signup smtp ssl staff status store superuser support sys sysadmin system team terms test
  tid tos trust update user users verification verified verify webmaster www xrpc`.split(/\s+/),
)

export function isReservedHandle(handle: string): boolean {
  return RESERVED.has(handle.split('.')[0] ?? '')
}
