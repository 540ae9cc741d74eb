import { Client, type ClientConfig } from 'pg'

/** Parts of a client of `pg` that its types leave out. */
interface Untyped {
  readonly connectionParameters: { options?: string | undefined; replication?: string | undefined }
  readonly processID: number | null
}

/**
 * A connection that its URL describes, without what PGOPTIONS or PGREPLICATION of the environment would add: a pooler
 * refuses the former, and either changes what our statements do.
 */
export class UrlClient extends Client {
  constructor(config: ClientConfig = {}) {
    super(config)
    const { connectionParameters } = this as unknown as Untyped
    if (!/[?&]options=/.test(config.connectionString ?? '')) connectionParameters.options = undefined
    connectionParameters.replication = undefined
  }

  /** The id of the process at the other end, as it was said at the start: a pooler invents one. */
  get announcedProcess(): number | null {
    return (this as unknown as Untyped).processID
  }
}
