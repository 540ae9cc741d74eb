import { sealedSamples, type SealedSample } from '../adapters/mongo/sealed-samples.ts'
import { createKeyring, type Keyring } from '../crypto/keyring.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { orLoginRefused } from './login-refused.ts'

/** Whether `HOLDFAST_KEY` opens what is stored: a value of every key in every place. */
export function keysCheck(context: CheckContext): Check {
  return {
    name: 'keys',
    run: () => orLoginRefused(() => look(context)),
  }
}

async function look(context: CheckContext): Promise<CheckResult> {
  const keyring = createKeyring(context.section('keys').sealing)
  const samples = await sealedSamples(context.mongo().db)
  const closed = Map.groupBy(
    samples.filter((sample) => !opens(keyring, sample)),
    ({ keyId }) => keyId,
  )
  return {
    findings: [...closed].map(([key, theirs]) =>
      checkFinding('key-missing', {
        key,
        places: theirs.map(({ place }) => `${place.collection}.${place.field}`).join(', '),
      }),
    ),
    facts: [
      samples.length === 0
        ? 'nothing is sealed yet'
        : `opens ${samples.length - [...closed.values()].flat().length} of ${samples.length} samples`,
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
