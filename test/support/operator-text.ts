import { expect, it } from 'vitest'
import { withoutPersonal } from '../../src/contracts/personal.ts'

/**
 * The rules for every text shown to an operator: a whole sentence, and the action to take, which has to match `action`.
 */
export function isOperatorText({ sentence, fix }: { sentence: string; fix: string }, action: RegExp): void {
  it('has a sentence', () => {
    expect(sentence).toMatch(/^\S.{15,}\.$/)
    expect(sentence).not.toMatch(/undefined|null|\(\)|\s{2}/)
  })

  it('has a fix that names a command or a setting', () => {
    expect(fix).toMatch(action)
    expect(fix).not.toMatch(/undefined|null|\(\)|\s{2}/)
  })

  it('holds nothing that looks personal', () => {
    expect(withoutPersonal(sentence + fix)).toBe(sentence + fix)
  })
}
