import { describe, expect, it } from 'vitest'
import { alertNames, type AlertFinding } from '../../src/contracts/alerts.ts'
import { findWord, VOCABULARIES } from '../../src/contracts/vocabulary.ts'
import type { System } from '../../src/contracts/systems.ts'
import { alertMessage, mergeConsequences, severityOf } from '../../src/domain/alerts.ts'

const NOW = new Date('2026-11-30T12:00:00Z')
const HOUR_MS = 3_600_000
const found = (name: AlertFinding['name'], change: Partial<AlertFinding> = {}): AlertFinding => ({
  name,
  count: 0,
  since: NOW.toISOString(),
  ...change,
})
const hoursAgo = (hours: number): string => new Date(NOW.getTime() - hours * HOUR_MS).toISOString()
const severityAfter = (name: AlertFinding['name'], hours: number): string =>
  alertMessage(found(name, { since: hoursAgo(hours) }), 'atproto', { raiseAfterMs: 4 * HOUR_MS, now: NOW })
    .severity

describe('the severity of an alert', () => {
  it('is known for every name of every system', () => {
    for (const system of Object.keys(VOCABULARIES) as System[])
      for (const name of alertNames(system)) expect(() => severityOf(name, system), name).not.toThrow()
  })

  it('rises by one when a problem lasts longer than four hours', () => {
    expect([severityAfter('email-taken', 3.9), severityAfter('email-taken', 4.1)]).toEqual([
      'warning',
      'high',
    ])
    expect(severityAfter('pds-unreachable', 5)).toBe('critical')
    expect(severityAfter('no-worker', 5)).toBe('critical')
    expect(severityAfter('gaps-found', 50)).toBe('warning')
  })

  it('is judged by the start that the open alert has', () => {
    const age = { since: hoursAgo(5), raiseAfterMs: 4 * HOUR_MS, now: NOW }
    const message = alertMessage(found('email-taken'), 'atproto', age)
    expect(message).toMatchObject({
      severity: 'high',
      since: age.since,
      title: 'High: email-taken in atproto',
    })
  })

  it('names no more than ten people', () => {
    const people = Array.from({ length: 12 }, (_, index) => `p${index}`)
    const message = alertMessage(found('email-taken', { people }), 'atproto', { raiseAfterMs: 0, now: NOW })
    expect(message.people).toEqual(people.slice(0, 10))
  })
})

describe('consequences', () => {
  const merged = (...findings: AlertFinding[]) =>
    mergeConsequences(findings, 'atproto').map(({ name, consequences }) => [
      name,
      consequences.map((one) => one.name),
    ])

  it('are lines of their cause, and what follows from them too', () => {
    const all = [
      found('worker-silent'),
      found('temporal-unreachable'),
      found('no-worker'),
      found('gaps-found'),
    ]
    expect(merged(...all)).toEqual([
      ['temporal-unreachable', ['worker-silent', 'no-worker']],
      ['gaps-found', []],
    ])
    const [cause] = mergeConsequences(all, 'atproto')
    const message = cause && alertMessage(cause, 'atproto', { raiseAfterMs: HOUR_MS, now: NOW })
    expect(message?.consequences).toHaveLength(2)
    expect(message?.consequences[1]).toMatch(/^no-worker: No worker polls/)
  })

  it('are alerts of their own without their cause', () => {
    expect(merged(found('worker-silent'), found('watch-late'))).toEqual([
      ['worker-silent', []],
      ['watch-late', []],
    ])
  })

  it('stay with a cause that is merged once more', () => {
    const once: AlertFinding[] = mergeConsequences([found('no-worker'), found('watch-late')], 'atproto')
    expect(mergeConsequences(once, 'atproto')).toEqual(once)
  })

  it('name alerts of their system, and never lead back to their cause', () => {
    for (const system of Object.keys(VOCABULARIES) as System[]) {
      const names: readonly string[] = alertNames(system)
      const next = (name: string): readonly string[] =>
        (findWord('problems', system, name) ?? findWord('alerts', system, name))?.consequences ?? []
      for (const name of names) {
        const reached = new Set<string>()
        const follow = (one: string): void =>
          next(one).forEach((consequence) => {
            expect(names).toContain(consequence)
            if (reached.has(consequence)) return
            reached.add(consequence)
            follow(consequence)
          })
        follow(name)
        expect([...reached], name).not.toContain(name)
      }
    }
  })
})
