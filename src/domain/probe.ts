/** What Auth0's id of a probe begins with, after the provider's name. */
const MARK = 'holdfast-probe-'
const PROBE = /(?:^|[|-])holdfast-probe-[0-9a-f]{6,}$/

/** The part of a probe's id that we choose; Auth0 puts `auth0|` before it. */
export function probeUserId(random: string): string {
  return MARK + random
}

/**
 * Whether an identity was made by Holdfast to try itself. The mark stands in the identity, so every store shows it
 * without a look at the provider: counts, audits and alerts leave it out.
 */
export function isProbe(identity: string): boolean {
  return PROBE.test(identity)
}

/** The same rule for a query over `_id`. */
export const PROBE_IDENTITIES: RegExp = PROBE
