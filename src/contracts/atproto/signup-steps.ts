/** The provider's answer about a person. */
export interface ProviderPerson {
  readonly known: boolean
  readonly verified: boolean
  /**
   * Only of a person whose address is not verified: Holdfast remembers an account of theirs that `users` does not name,
   * and that is restored without the verification.
   */
  readonly accountLost: boolean
  /** ISO 8601; null for a person the provider does not know. */
  readonly signedUpAt: string | null
}

/** The account that a person has now. */
export interface EnsuredAccount {
  readonly did: string
  readonly handle: string
}
