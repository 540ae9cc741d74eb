/** `running`: a signup that is not blocked, by its workflow id. `code`: a code that several users have. */
export type AuditMark = 'running' | 'code'

/** The notes of an audit for its own later steps. It deletes them when it ends; after a day they expire. */
export interface AuditMarks {
  /** Safe to repeat. */
  add(audit: string, mark: AuditMark, names: readonly string[]): Promise<void>
  /** The marked ones of these names; `names` is not even called where nothing is marked. */
  find(audit: string, mark: AuditMark, names: () => readonly string[]): Promise<Set<string>>
  /** Deletes a batch of the audit's marks, and returns whether that was all. */
  deleteBatch(audit: string): Promise<{ all: boolean }>
}
