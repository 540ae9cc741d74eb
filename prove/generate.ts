import * as fc from 'fast-check'
import { HANDLES } from './handles.ts'
import {
  ARRIVALS,
  DATABASE_CALLS,
  FAULTS_IN_CALLS,
  FAULTS_OF_HTTP,
  HTTP_CALLS,
  LOST,
  OUTAGES,
  REPEATED,
  STREAM_DISTURBANCES,
  TENANTS,
  type Fault,
  type PersonPlan,
  type Plan,
  type Step,
} from './plan.ts'

/** Enough people to interfere with each other, and few enough to read a failing round. */
const MOST_PEOPLE = 12
const MOST_STEPS = 40
const MOST_STRUCK = 8
/** Several faults in a row for one person: mistakes are most likely after a lost answer. */
const MOST_FAULTS_EACH = 3

/** So few that some people of one tenant have the same address as one in the other tenant. */
const MOST_ADDRESSES = 12

const person: fc.Arbitrary<PersonPlan> = fc.record({
  tenant: fc.constantFrom(...TENANTS),
  address: fc.nat(MOST_ADDRESSES - 1),
  via: fc.oneof(
    { weight: 6, arbitrary: fc.constant('form' as const) },
    { weight: 3, arbitrary: fc.constantFrom(...ARRIVALS) },
  ),
  verifies: fc.oneof(
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
})

function step(people: number): fc.Arbitrary<Step> {
  const who = fc.nat(people - 1)
  const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
  return fc.oneof(
    weighted(8, fc.record({ does: fc.constant('verify'), who })),
    weighted(1, fc.record({ does: fc.constant('verify silently'), who })),
    weighted(3, fc.record({ does: fc.constant('change address'), who })),
    weighted(5, fc.record({ does: fc.constant('choose handle'), who, handle: fc.constantFrom(...HANDLES) })),
    weighted(1, fc.record({ does: fc.constant('remove handle'), who })),
    weighted(2, fc.record({ does: fc.constant('delete'), who, by: fc.constantFrom('event', 'command') })),
    weighted(2, fc.record({ does: fc.constant('report again'), who, code: fc.constantFrom(...REPEATED) })),
    weighted(
      4,
      fc.record({
        does: fc.constant('disturb stream'),
        tenant: fc.constantFrom(...TENANTS),
        how: fc.constantFrom(...STREAM_DISTURBANCES),
        count: fc.integer({ min: 2, max: 4 }),
      }),
    ),
    weighted(2, fc.record({ does: fc.constant('lose record'), who, what: fc.constantFrom(...LOST) })),
    weighted(1, fc.record({ does: fc.constant('restore users') })),
    weighted(1, fc.record({ does: fc.constant('outage'), what: fc.constantFrom(...OUTAGES) })),
    weighted(1, fc.record({ does: fc.constant('quiesce') })),
    weighted(2, fc.record({ does: fc.constant('await fault') })),
    weighted(2, fc.record({ does: fc.constant('pause'), ms: fc.integer({ min: 0, max: 400 }) })),
  )
}

/** The faults in one person's calls. */
function faults(people: number): fc.Arbitrary<Fault[]> {
  const nth = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(2) })
  const inDatabase = fc.record({
    call: fc.constantFrom(...DATABASE_CALLS),
    nth,
    what: fc.constantFrom(...FAULTS_IN_CALLS, ...OUTAGES),
  })
  const inHttp = fc.record({
    call: fc.constantFrom(...HTTP_CALLS),
    nth,
    what: fc.constantFrom(...FAULTS_IN_CALLS, ...FAULTS_OF_HTTP, ...OUTAGES),
  })
  const some = fc.array(fc.oneof(inDatabase, inHttp), { minLength: 1, maxLength: MOST_FAULTS_EACH })
  return fc
    .tuple(fc.nat(people - 1), some)
    .map(([who, each]) => each.map(({ call, nth: at, what }) => ({ at: { who, call, nth: at }, what })))
}

/** Random rounds. */
export const plans: fc.Arbitrary<Plan> = fc.noBias(
  fc.array(person, { minLength: 1, maxLength: MOST_PEOPLE }).chain((people) =>
    fc.record({
      people: fc.constant(people),
      story: fc.array(step(people.length), { maxLength: MOST_STEPS, size: 'max' }),
      faults: fc.array(faults(people.length), { maxLength: MOST_STRUCK }).map((each) => each.flat()),
    }),
  ),
)
