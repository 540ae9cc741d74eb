/** How a URL reaches the database of a project, in words, with what follows from it. */
export function connectionKind(url: string): string {
  const { hostname, port, searchParams, username } = new URL(url)
  const pooled = hostname.endsWith('.pooler.supabase.com') || searchParams.get('pgbouncer') === 'true'
  if (port === '6543')
    return 'transaction pooler: nothing depends on a session, so it serves worker, server and commands; run state apply over a direct connection or the session pooler'
  if (pooled || /^.+\.[a-z0-9]{20}$/.test(decodeURIComponent(username)))
    return 'session pooler: each connection of Holdfast takes one of the pool'
  return 'direct connection: each connection of Holdfast is one of the server'
}
