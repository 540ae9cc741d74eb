import { describe, expect, it } from 'vitest'
import { mentionsIn, quotedSegments } from '../../../src/domain/events/mentions.ts'

const found = (text: string): readonly string[] => mentionsIn(text).strings

describe('F5: the names in an entry that cannot be read', () => {
  it.each([
    ['an address in a field', '{"type":"ss","user_name":"ana@example.com"', 'ana@example.com'],
    ['an address in capitals', '{"user_name":"Ana@Example.COM"}', 'ana@example.com'],
    ['an id', '{"user_id":"auth0|6123abc"}', 'auth0|6123abc'],
    ['an id escaped as JSON may', String.raw`{"user_id":"auth0\u007c6123abc", broken`, 'auth0|6123abc'],
    ['an id percent-encoded', '{"path":"/api/v2/users/auth0%7C6123abc"}', 'auth0|6123abc'],
    ['both', String.raw`{"path":"/api/v2/users/auth0\u00257C6123abc"}`, 'auth0|6123abc'],
    ['percent-encoded twice', '/users/auth0%257C6123abc', 'auth0|6123abc'],
    ['an address percent-encoded', 'email=ana%40example.com&x=1', 'ana@example.com'],
    ['JSON within JSON', String.raw`{"body":"{\"email\":\"ana@example.com\"}"}`, 'ana@example.com'],
    ['an id with a space', '{"user_id":"samlp|acme|Jane Doe"}', 'samlp|acme|jane doe'],
    ['an id with a backslash', String.raw`{"user_id":"ad|corp|CORP\\sam"}`, String.raw`ad|corp|corp\sam`],
    ['an id with an accent', String.raw`{"user_id":"acme|Jos\u00e9"}`, 'acme|josé'],
    ['an id in a sentence', 'failed for auth0|6123abc.', 'auth0|6123abc'],
    ['an address in angle brackets', 'From: Ana <ana@example.com>', 'ana@example.com'],
    ['text that is cut short', '{"user_id":"auth0|6123abc', 'auth0|6123abc'],
  ])('%s', (_, text, name) => {
    expect(found(text)).toContain(name)
  })

  it('are no part of a longer id', () => {
    expect(found('{"user_id":"auth0|6123abc9"}')).not.toContain('auth0|6123abc')
  })

  it('are said not to be whole where there are too many', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => `auth0|${n}`)
    expect(mentionsIn(JSON.stringify(many)).complete).toBe(false)
    expect(mentionsIn(JSON.stringify(many), Number.POSITIVE_INFINITY).strings).toContain('auth0|1999')
    expect(mentionsIn('{"a":1}')).toEqual({ strings: [], complete: true })
  })
})

describe('E15: ids with characters that also stand between words, in an entry that cannot be read', () => {
  it.each([
    ['a space, cut short', '{"user_id":"auth0|a b', 'auth0|a b'],
    ['a comma, cut short', '{"user_id":"samlp|acme|Doe, Jane', 'samlp|acme|doe, jane'],
    ['an apostrophe, cut short', `{"user_id":"samlp|acme|O'Brien`, "samlp|acme|o'brien"],
    ['brackets, cut short', '{"user_id":"ad|x|CN=(a)[b]{c}<d>;e', 'ad|x|cn=(a)[b]{c}<d>;e'],
    ['an escaped quote, cut short', String.raw`{"user_id":"acme|a \"b`, 'acme|a "b'],
    ['a space, a quote missing before it', '{"type:"ss","user_id":"auth0|a b","x":1}', 'auth0|a b'],
    ['a space, within JSON that is cut short', String.raw`"body":"{\"user_id\":\"auth0|a b`, 'auth0|a b'],
    ['a space after a backslash that escapes nothing', String.raw`C:\"auth0|a b", broken`, 'auth0|a b'],
    ['an escape of its own', '{"user_id":"acme|50% a%20b"}', 'acme|50% a%20b'],
    ['an escape of its own, cut short', '{"user_id":"acme|50% a%20b', 'acme|50% a%20b'],
    ['a space, percent-encoded in a path', '/api/v2/users/samlp%7Cacme%7CJane%20Doe', 'samlp|acme|jane doe'],
    ['a slash, percent-encoded in a path', '/api/v2/users/acme%7Ca%2Fb', 'acme|a/b'],
    ['the greatest length', `{"user_id":"auth0|${'x'.repeat(1_018)}`, `auth0|${'x'.repeat(1_018)}`],
  ])('%s', (_, text, name) => {
    expect(found(text)).toContain(name)
  })
})

describe('D9: an entry made to cost much', () => {
  it.each([
    ['quotes that are escaped and never closed', String.raw`\"`.repeat(32_768)],
    ['quotes alone', '"'.repeat(65_536)],
    ['backslashes alone', '\\'.repeat(65_536)],
  ])('%s: each character is read once', (_, text) => {
    let reads = 0
    const counting = {
      length: text.length,
      slice: (from: number, to: number) => {
        reads += to - from
        return text.slice(from, to)
      },
      charCodeAt: (at: number) => {
        reads += 1
        return text.charCodeAt(at)
      },
    }
    expect([...quotedSegments(counting)].join('"')).toBe(text)
    expect(reads).toBeLessThanOrEqual(2 * text.length)
  })

  it('names nobody by a run that is too long for an id', () => {
    expect(mentionsIn(`a${'@'.repeat(100_000)}b`)).toEqual({ strings: [], complete: true })
  })
})
