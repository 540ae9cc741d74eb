/** The database management system that keeps the state of a system. */
export type DatabaseKind = 'mongodb' | 'postgres'

/** The name under which `watch`, `check` and the circuit breakers know the database of a system's state. */
export function dependencyOf(kind: DatabaseKind): 'mongo' | 'postgres' {
  return kind === 'mongodb' ? 'mongo' : 'postgres'
}

/** Its name in a sentence. */
export function productOf(kind: DatabaseKind): string {
  return kind === 'mongodb' ? 'MongoDB' : 'Postgres'
}
