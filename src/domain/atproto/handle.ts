import { isUserCode } from './user-code.ts'

/** The labels that a PDS accepts before its own domain. It judges reserved and bad words itself. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{1,16})[a-z0-9]$/

/**
 * The application's mapping of a chosen handle onto a PDS handle: lower case, `.` and `_` become `-`. Null where no PDS
 * accepts the result (too short, too long, other characters), and for one in the form of a user code, also with a suffix,
 * which would take the handle that belongs to another person: the person's own user code is then used.
 */
export function handleLabel(chosen: string): string | null {
  const label = labelOf(chosen)
  return label === null || isUserCode(label.replace(/-\d$/, '')) ? null : label
}

/** The same for any handle there may be, those of user codes too. */
export function labelOf(handle: string): string | null {
  const label = handle.trim().replace(/^@/, '').toLowerCase().replaceAll(/[._]/g, '-')
  return LABEL.test(label) ? label : null
}

/** `domain` as in `PDS_HANDLE_DOMAIN`, with or without its leading dot. */
export function handleUnder(label: string, domain: string): string {
  return `${label}.${domain.replace(/^\./, '')}`
}

export interface HandleChoice {
  /** The chosen handle under our domain; null where none is chosen, or no PDS accepts it. */
  readonly wanted: string | null
  /** The fallback where the wanted handle is not possible; null for a user without a code. */
  readonly byCode: string | null
}

/** The number of handles tried, each a user code with a suffix, where a stranger's account has the code itself. */
const SUFFIXED = 3

/** The handles to use where a stranger's account has the user code as its handle: the code with a suffix, in turn. */
export function suffixedHandles(code: string, domain: string): string[] {
  return Array.from({ length: SUFFIXED }, (_, index) => handleUnder(`${code}-${index + 2}`, domain))
}

/** The handles that a person's account may have, according to the application's present data. */
export function handleChoice(chosen: unknown, code: unknown, domain: string): HandleChoice {
  const label = typeof chosen === 'string' ? handleLabel(chosen) : null
  return {
    wanted: label === null ? null : handleUnder(label, domain),
    byCode: typeof code === 'string' && code !== '' ? handleUnder(code, domain) : null,
  }
}

/**
 * Names under which an account would seem to speak for the service. The PDS checks a longer list for requests in the
 * person's own name; for the admin it accepts any name, so these are refused here.
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
