/**
 * The hosts of a database's address, or of Temporal's, to which data goes unencrypted over more than this machine or a
 * private network: those that have a dot or a colon in their name and are neither a loopback address nor a socket.
 */
export function unencryptedMongoHosts(uri: string): string[] {
  const [, srv, hosts = '', query = ''] =
    /^mongodb(\+srv)?:\/\/(?:[^/@]*@)?([^/?]+)\/?[^?]*\??(.*)$/.exec(uri) ?? []
  const [, asked] = /(?:^|&)(?:tls|ssl)=(true|false)(?:&|$)/.exec(query) ?? []
  // With `mongodb+srv` TLS is the default.
  if (asked === 'true' || (srv !== undefined && asked !== 'false')) return []
  return hosts.split(',').map(withoutPort).filter(isRemote)
}

/** Of a URL of Postgres, which is encrypted only where `sslmode` asks for it. */
export function unencryptedPostgresHosts(url: string): string[] {
  const { hostname, searchParams } = new URL(url)
  const mode = searchParams.get('sslmode') ?? 'disable'
  return mode === 'disable' ? [hostname].filter(isRemote) : []
}

export function unencryptedTemporalHosts(address: string, encrypted: boolean): string[] {
  return encrypted ? [] : [withoutPort(address.replace(/^https?:\/\//, ''))].filter(isRemote)
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}

/** A name without dots belongs to a private network, such as a service of docker compose. */
function isRemote(host: string): boolean {
  return (
    /[.:]/.test(host) && !/%2f/i.test(host) && !/^(?:.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)
  )
}
