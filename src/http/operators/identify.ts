import type { OperatorAddress } from '../../config/operator-address.ts'
import { operatorOf } from '../../config/operators.ts'
import { byOpenId } from './by-open-id.ts'
import type { Identify } from './identified.ts'

/** Accepts whomever one of these identifies, in their order. */
export function firstOf(ways: readonly Identify[]): Identify {
  return async (request) => {
    for (const identify of ways) {
      const found = await identify(request)
      if (found !== null) return found
    }
    return null
  }
}

/** By the token of HOLDFAST_OPERATORS, sent as `authorization: Bearer …`. */
export function byToken({ operators }: Pick<OperatorAddress, 'operators'>): Identify {
  return ({ header }) => {
    const [, token] = /^Bearer (\S+)$/i.exec(header('authorization') ?? '') ?? []
    const found = token === undefined ? null : operatorOf(operators, token)
    return found === null ? null : { name: found.name, role: found.role }
  }
}

/**
 * By the header of a proxy that has authenticated the person. It is believed on connections of the proxy alone, and
 * names an operator of HOLDFAST_OPERATORS, who has the role given there.
 */
export function byProxy({ operators, proxy }: Pick<OperatorAddress, 'operators' | 'proxy'>): Identify {
  return ({ header, peer }) => {
    if (proxy === null || peer === null || !proxy.isTrusted(peer)) return null
    const named = header(proxy.header)
    const found = operators.find(({ name }) => name === named)
    return found === undefined ? null : { name: found.name, role: found.role }
  }
}

/** A token comes first: a program behind the proxy acts as itself. */
export function identifyBy(address: OperatorAddress): Identify {
  return firstOf([byToken(address), byOpenId(address), byProxy(address)])
}
