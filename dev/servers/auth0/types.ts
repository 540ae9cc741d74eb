/** Names and shapes are Auth0's own, hence snake_case; values are never changed in place, so a snapshot is a reference. */
export interface Identity {
  readonly connection: string
  readonly provider: string
  readonly user_id: string
  readonly isSocial: boolean
}

export type Metadata = Readonly<Record<string, unknown>>

export interface User {
  readonly user_id: string
  readonly email: string
  readonly email_verified: boolean
  readonly created_at: string
  readonly updated_at: string
  readonly name: string
  readonly nickname: string
  readonly picture: string
  readonly identities: readonly Identity[]
  readonly username?: string
  readonly user_metadata?: Metadata
  readonly app_metadata?: Metadata
  readonly blocked?: boolean
  readonly last_login?: string
  readonly last_ip?: string
  readonly logins_count?: number
}

/** A tenant log as `/api/v2/logs` shows it. */
export interface Log {
  readonly date: string
  readonly type: string
  readonly description: string
  readonly connection?: string
  readonly connection_id?: string
  readonly client_id?: string
  readonly client_name?: string
  readonly ip?: string
  readonly user_agent?: string
  readonly details?: unknown
  readonly user_id?: string
  readonly user_name?: string
  readonly strategy?: string
  readonly strategy_type?: string
  readonly log_id: string
}

export type LogFields = Omit<Log, 'log_id' | 'date'>

export interface Sink {
  readonly httpEndpoint: string
  readonly httpAuthorization?: string | undefined
  readonly httpContentType?: string | undefined
  readonly httpContentFormat?: 'JSONLINES' | 'JSONARRAY' | 'JSONOBJECT' | undefined
  readonly httpCustomHeaders?: readonly { header: string; value: string }[] | undefined
}

export interface PiiConfig {
  readonly log_fields: readonly string[]
  readonly method?: 'mask' | 'hash' | undefined
  readonly algorithm?: 'xxhash' | undefined
}

/** A log stream as `/api/v2/log-streams` shows it. */
export interface LogStream {
  readonly id: string
  readonly name: string
  readonly type: 'http'
  readonly status: 'active' | 'paused' | 'suspended'
  readonly isPriority: boolean
  readonly filters: readonly { type: string; name: string }[]
  readonly pii_config?: PiiConfig
  readonly sink: Sink
}

export interface Ticket {
  readonly id: string
  readonly user_id: string
  readonly email: string
  readonly expires: string
  readonly used: boolean
  readonly result_url?: string
  readonly includeEmailInRedirect?: boolean
}

/** One stored change of the stand-in; at a start all changes are replayed in order. */
export type Change =
  | { kind: 'user'; value: User }
  | { kind: 'user-deleted'; id: string }
  | { kind: 'log'; value: Log }
  | { kind: 'stream'; value: LogStream; cursor: string }
  | { kind: 'stream-deleted'; id: string }
  | { kind: 'ticket'; value: Ticket }
