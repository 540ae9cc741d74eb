/** The prefix of a probe's id at Auth0, after the provider's name. */
const MARK = 'holdfast-probe-'
const PROBE = /(?:^|[|-])holdfast-probe-[0-9a-f]{6,}$/

/** The part of a probe's id that Holdfast chooses; Auth0 puts `auth0|` before it. */
export function probeUserId(random: string): string {
  return MARK + random
}

/**
 * Whether an identity was created by a probe. The mark is part of the identity, so every store shows it without a query
 * to the provider; counts, audits and alerts leave such identities out.
 */
export function isProbe(identity: string): boolean {
  return PROBE.test(identity)
}

/** The same rule for a query over `_id`. */
export const PROBE_IDENTITIES: RegExp = PROBE
