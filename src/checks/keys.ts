import { fieldsToSeal } from '../state/fields-to-seal.ts'
import { createKeyring, type Keyring } from '../crypto/keyring.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import type { SealedSample } from '../state/ports/sealed-values.ts'

/**
 * Whether `HOLDFAST_KEY` decrypts the stored data, one value of every key in every place, and whether any value is
 * plain text.
 */
export function keysCheck(context: CheckContext): Check {
  return {
    name: 'keys',
    run: () => look(context),
  }
}

async function look(context: CheckContext): Promise<CheckResult> {
  const keyring = createKeyring(context.section('keys').sealing)
  const { sealed } = (await context.state()).state
  const { encryptedFields = [], passwords } = context.served
  const fields = [...sealed.fields, ...encryptedFields]
  const [samples, places] = await Promise.all([
    sealed.samples(fields),
    sealed.countPlaintext(fieldsToSeal(fields, passwords?.storage(context.env) ?? null)),
  ])
  const inClear = places.filter(({ plain }) => plain > 0)
  const closed = Map.groupBy(
    samples.filter((sample) => !opens(keyring, sample)),
    ({ keyId }) => keyId,
  )
  return {
    findings: [...closed].map(([key, theirs]) =>
      checkFinding(context.system, 'key-missing', {
        key,
        places: theirs.map(({ place }) => `${place.collection}.${place.field}`).join(', '),
      }),
    ),
    notices:
      inClear.length === 0
        ? []
        : [
            checkFinding(context.system, 'values-in-clear', {
              count: String(inClear.reduce((sum, { plain }) => sum + plain, 0)),
              places: inClear.map(({ collection, field }) => `${collection}.${field}`).join(', '),
            }),
          ],
    facts: [
      samples.length === 0
        ? 'nothing is encrypted yet'
        : `decrypts ${samples.length - [...closed.values()].flat().length} of ${samples.length} samples`,
    ],
  }
}

function opens(keyring: Keyring, { sealed, place }: SealedSample): boolean {
  try {
    keyring.open(sealed, place)
    return true
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken') return false
    throw error
  }
}
