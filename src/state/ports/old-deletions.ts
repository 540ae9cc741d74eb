/** A person whom the provider deleted before Holdfast was installed. */
export interface OldDeletion {
  readonly identity: string
  readonly tenant: string
  readonly deletedAt: Date
}

export interface OldDeletions {
  /** Records one; a second record of the same person keeps the latest time. */
  record(deletion: OldDeletion): Promise<void>
  count(tenant: string): Promise<number>
  list(tenant: string): Promise<OldDeletion[]>
  /** Called when the deletion is carried out. */
  remove(identity: string): Promise<void>
}
