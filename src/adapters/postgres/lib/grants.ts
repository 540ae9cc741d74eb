/** The privileges that an action needs: an upsert inserts or updates, and a condition reads. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  find: 'select',
  insert: 'select, insert',
  update: 'select, insert, update',
  delete: 'select, delete',
}

/**
 * The statement that grants what the server denied. Its message names the kind of the object and the object, never a
 * value; a server that answers in another language leads to the grant on the table.
 */
export function grantFor(message: string, table: string, action: string): string {
  const [, kind, name] = /^permission denied for (\w+) "?([^"]+?)"?$/.exec(message) ?? []
  if (kind === 'schema') return `grant usage on schema ${name} to <role>`
  if (kind === 'database') return `grant create on database "${name}" to <role>`
  if (kind === 'sequence') return `grant usage on sequence ${schemaOf(table)}${name} to <role>`
  if (kind === 'function') return `grant execute on function ${schemaOf(table)}${name} to <role>`
  if (message.includes('row-level security'))
    return `a policy on ${table} that lets <role> ${PRIVILEGES[action] ?? action} its rows`
  // The server names a table without its schema, so it names the requested table unless the names differ.
  const denied = name === undefined || table.endsWith(`.${name}`) ? table : schemaOf(table) + name
  return `grant ${PRIVILEGES[action] ?? action} on ${denied} to <role>`
}

function schemaOf(table: string): string {
  return table.includes('.') ? `${table.slice(0, table.indexOf('.'))}.` : ''
}
