/** The database management system that keeps the state of a system. */
export type StateHome = 'mongodb' | 'postgres'

/** The name under which `watch`, `check` and the circuit breakers know the database of a system's state. */
export function dependencyOf(home: StateHome): 'mongo' | 'postgres' {
  return home === 'mongodb' ? 'mongo' : 'postgres'
}

/** Its name in a sentence. */
export function productOf(home: StateHome): string {
  return home === 'mongodb' ? 'MongoDB' : 'Postgres'
}
