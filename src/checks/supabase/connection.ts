import type { Pooling } from '../../adapters/postgres/lib/pooling.ts'

const CONSEQUENCES = {
  none: 'direct connection: each connection of Holdfast is one of the server',
  session: 'session pooler: each connection of Holdfast takes one of the pool',
  transaction:
    'transaction pooler: nothing depends on a session, so it serves worker, server and commands; run state apply over a direct connection or the session pooler',
} as const satisfies Readonly<Record<Pooling, string>>

/** How the database of a project is reached, in words, with what follows from it. */
export function connectionKind(pooling: Pooling): string {
  return CONSEQUENCES[pooling]
}
