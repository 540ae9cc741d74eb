import type { OnePerson, PersonContext, ResolvedPerson } from '../why/one-person.ts'
import type { OperationContext } from './context.ts'

/** The people whom an operator's words may mean: an identity, or any other words that the system knows people by. */
export function findPeople(
  words: string,
  { served, outside }: Pick<OperationContext, 'served'> & { readonly outside: PersonContext },
  answers: OnePerson,
): Promise<ResolvedPerson> {
  return served.people.isIdentity(words)
    ? Promise.resolve({ matches: [words], unavailable: [] })
    : answers.resolve(words, outside)
}
