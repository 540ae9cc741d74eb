import { expect, it } from 'vitest'
import { problemPage, withDocsUrl } from '../../../src/domain/text/problem-page.ts'

it('the pages of a text lead to the configured address', () => {
  const text = `More: ${problemPage('log-gap')}, ${problemPage('no-worker')}`
  expect(withDocsUrl(text, 'https://git.example.com/$&/docs')).toBe(
    'More: https://git.example.com/$&/docs/problems.md#log-gap, https://git.example.com/$&/docs/problems.md#no-worker',
  )
  expect(withDocsUrl(text, 'docs')).toBe(text)
})

it('an address in a text that ends like a page is kept', () => {
  const text = 'https://other.example.com/docs/problems.md#log-gap and docs/problems.md'
  expect(withDocsUrl(text, 'https://docs.example.com')).toBe(text)
})
