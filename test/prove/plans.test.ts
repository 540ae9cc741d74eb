import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { handleLabel } from '../../src/domain/atproto/handle.ts'
import { plans } from '../../prove/generate.ts'
import { HANDLES, labelOf, taggedHandle } from '../../prove/handles.ts'
import { planSchema } from '../../prove/plan.ts'

const drawn = (seed: number) => fc.sample(plans, { seed, numRuns: 1 })[0]

describe('plans', () => {
  it('are the same for the same seed, and others for the next', () => {
    expect(drawn(4711)).toEqual(drawn(4711))
    expect(drawn(4712)).not.toEqual(drawn(4711))
  })

  it('survive being kept as JSON', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
      }),
    )
  })

  it('have people of both tenants, faults of every kind, and rounds without any', () => {
    const many = fc.sample(plans, { seed: 1, numRuns: 400 })
    const kinds = new Set(many.flatMap(({ faults }) => faults.map(({ what }) => what)))
    expect(kinds).toEqual(new Set(planSchema.shape.faults.element.shape.what.options))
    expect(new Set(many.flatMap(({ people }) => people.map(({ tenant }) => tenant))).size).toBe(2)
    expect(many.some(({ faults }) => faults.length === 0)).toBe(true)
  })
})

describe('handles', () => {
  it.each(HANDLES)('%j: what the proof expects is what the product tries', (handle) => {
    const expected = labelOf(handle, '00a')
    const tried = handleLabel(taggedHandle(handle, '00a'))
    if (expected !== null) expect(tried).toBe(expected)
    else expect([null, 'admin']).toContain(tried) // the PDS itself judges reserved names
  })
})
