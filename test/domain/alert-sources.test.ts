import { describe, expect, it } from 'vitest'
import { isSeenByOtherSource } from '../../src/domain/alert-sources.ts'

const now = new Date('2026-01-02T04:00:00.000Z')
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000)

describe('T10: an alert stays open for a source that found its cause lately', () => {
  it.each([
    ['another server, within its next looks', { 'server-b': ago(20) }, true],
    ['another server that has ended since', { 'server-b': ago(31) }, false],
    ['watch, until its next run', { workers: ago(300) }, true],
    ['watch, whose next run never came', { workers: ago(361) }, false],
    ['only the one that asks', { 'server-a': ago(1) }, false],
    ['no source', {}, false],
  ])('%s: %s', (_, seenBy, expected) => {
    expect(isSeenByOtherSource(seenBy, 'server-a', now)).toBe(expected)
  })
})
