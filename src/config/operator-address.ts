import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { namedOperators, operatorOfToken, type Operator } from './operators.ts'
import { ConfigError, read, type Env } from './read.ts'
import { isLoopbackHost, pageUrl, port, text } from './values.ts'

/** The address of the API, the metrics and the page for operators. */
export interface OperatorAddress {
  readonly port: number
  readonly host: string
  readonly operators: readonly Operator[]
  /** The OpenID Connect issuer whose tokens identify operators; null where none does. */
  readonly openId: OpenIdIssuer | null
  /** The proxy that identifies operators by a header; null where none does. */
  readonly proxy: OperatorProxy | null
}

export interface OpenIdIssuer {
  /** As its discovery document and tokens spell it. */
  readonly issuer: string
  readonly audience: string
  /** The claim with the operator's name. */
  readonly claim: string
}

export interface OperatorProxy {
  /** The header with the operator's name, in lower case. */
  readonly header: string
  /** Whether a connection from this address is one of the proxy, so that its header is believed. */
  isTrusted(address: string): boolean
}

/** The largest network that may be trusted has the size of a network of docker. */
const WIDEST = { ipv4: 16, ipv6: 64 } as const

const headerName = text.toLowerCase().regex(/^(?:x-[a-z0-9-]+|remote-user)$/, {
  error: 'must be remote-user or begin with x-, such as x-forwarded-user',
})

const DEFAULT_CLAIM = 'preferred_username'
const claimName = text.regex(/^[a-zA-Z][\w.:/-]{0,199}$/, { error: 'must be the name of a claim' })

const networks = text.transform((value, context): BlockList => {
  const trusted = new BlockList()
  for (const one of value.split(',').map((entry) => entry.trim())) {
    const [address = '', prefix, ...rest] = one.split('/')
    const type = ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)]
    const whole = type === 'ipv4' ? 32 : 128
    const bits = prefix === undefined ? whole : Number(prefix)
    const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix)
    if (type === undefined || rest.length > 0 || !isPrefix || bits > whole || bits < WIDEST[type]) {
      const message = `must list the addresses of the proxy, such as 10.0.3.7 or 172.20.0.0/16, no network wider than /${WIDEST.ipv4} (IPv6: /${WIDEST.ipv6})`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    trusted.addSubnet(address, bits, type)
  }
  return trusted
})

/**
 * Null without OPERATOR_PORT. Without any operator the address is on this machine alone, and nobody is identified.
 * Throws where another machine could reach it without an operator, and where a header would be believed of everybody.
 */
export function readOperatorAddress(env: Env): OperatorAddress | null {
  const given = read(env, {
    OPERATOR_PORT: port.optional(),
    OPERATOR_HOST: text.optional(),
    HOST: text.default('0.0.0.0'),
    OPERATOR_HEADER: headerName.optional(),
    OPERATOR_PROXIES: networks.optional(),
    OPERATOR_OIDC_ISSUER: pageUrl.optional(),
    OPERATOR_OIDC_AUDIENCE: text.optional(),
    OPERATOR_OIDC_CLAIM: claimName.optional(),
  })
  const { OPERATOR_PORT, OPERATOR_HOST, HOST, OPERATOR_HEADER, OPERATOR_PROXIES } = given
  const { OPERATOR_OIDC_ISSUER: issuer, OPERATOR_OIDC_AUDIENCE: audience, OPERATOR_OIDC_CLAIM: claim } = given
  if (OPERATOR_PORT === undefined) return null
  const operators = namedOperators(env) ?? operatorOfToken(env)
  const host = OPERATOR_HOST ?? (operators.length === 0 ? '127.0.0.1' : HOST)
  const findings: string[] = []
  if (operators.length === 0 && !isLoopbackHost(host))
    findings.push(
      'OPERATOR_HOST must be 127.0.0.1 unless HOLDFAST_OPERATORS names the operators: holdfast operators new',
    )
  if (OPERATOR_HEADER !== undefined && OPERATOR_PROXIES === undefined)
    findings.push('OPERATOR_PROXIES is missing: OPERATOR_HEADER would be believed of everybody')
  if (OPERATOR_PROXIES !== undefined && OPERATOR_HEADER === undefined)
    findings.push('OPERATOR_HEADER is missing: the header in which OPERATOR_PROXIES name the operator')
  if (issuer !== undefined && audience === undefined)
    findings.push('OPERATOR_OIDC_AUDIENCE is missing: tokens for every other service would be accepted')
  if ((audience ?? claim) !== undefined && issuer === undefined)
    findings.push('OPERATOR_OIDC_ISSUER is missing: the issuer of the tokens that identify operators')
  const signsIn = OPERATOR_HEADER !== undefined || issuer !== undefined
  if (signsIn && namedOperators(env) === null)
    findings.push(
      'HOLDFAST_OPERATORS is missing: OPERATOR_HEADER and OPERATOR_OIDC_ISSUER identify the operators it names',
    )
  if (!signsIn && operators.some(({ tokenHash }) => tokenHash === null))
    findings.push(
      'OPERATOR_HEADER or OPERATOR_OIDC_ISSUER is missing: HOLDFAST_OPERATORS has operators without a token',
    )
  if (findings.length > 0) throw new ConfigError(findings)
  const proxy =
    OPERATOR_HEADER === undefined || OPERATOR_PROXIES === undefined
      ? null
      : { header: OPERATOR_HEADER, isTrusted: (address: string) => isIn(OPERATOR_PROXIES, address) }
  const openId =
    issuer === undefined || audience === undefined
      ? null
      : { issuer, audience, claim: claim ?? DEFAULT_CLAIM }
  return { port: OPERATOR_PORT, host, operators, openId, proxy }
}

/** A socket for both families has the address of an IPv4 peer as `::ffff:10.0.3.7`. */
function isIn(trusted: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(plain)
  return family !== 0 && trusted.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}
