/**
 * User codes: `ac`, two digits of the signup's UTC year, then consonants and vowels in turn, usually five letters
 * (`ac25xadeh`). There are 109,744 of these per year, so collisions are common; the unique index decides.
 */
const CONSONANTS = 'bcdfghjkmnprstvwxyz'
const VOWELS = 'aeou'
const PATTERN = new RegExp(`^ac\\d{2}[${CONSONANTS}](?:[${VOWELS}][${CONSONANTS}]){2,}$`)

/** After this many taken codes in a row the year counts as full, and codes grow by a vowel and a consonant. */
const DRAWS_PER_LENGTH = 12

/** A whole number from 0 up to, not including, `max`, chosen by a cryptographic generator. */
export type RandomInt = (max: number) => number

/** `taken`: the number of draws in a row that met an existing code. */
export function generateUserCode(signedUpAt: Date, taken: number, randomInt: RandomInt): string {
  const pairs = 2 + Math.floor(taken / DRAWS_PER_LENGTH)
  const letter = (alphabet: string): string => alphabet.charAt(randomInt(alphabet.length))
  const tail = Array.from({ length: pairs }, () => letter(VOWELS) + letter(CONSONANTS)).join('')
  return `ac${twoDigitYear(signedUpAt)}${letter(CONSONANTS)}${tail}`
}

export function isUserCode(value: unknown): value is string {
  return typeof value === 'string' && PATTERN.test(value)
}

function twoDigitYear(date: Date): string {
  return String(date.getUTCFullYear() % 100).padStart(2, '0')
}
