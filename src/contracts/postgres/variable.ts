/** The variable with the URL of the Postgres database that keeps the state of a system. */
export function databaseVariable(system: string): string {
  return `${system.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_DB_URL`
}
