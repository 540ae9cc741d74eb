import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DataConverter } from '@temporalio/common'
import { createKeyring, type SealingKey } from '../crypto/keyring.ts'
import { createSealingCodec } from './codec.ts'

/** TypeScript in a checkout, JavaScript in an installed package. */
const CONVERTERS = fileURLToPath(new URL(`./converters${extname(import.meta.url)}`, import.meta.url))

/** Converters for the workflow bundle, wherever it is built. */
export const CONVERTER_PATHS = { payloadConverterPath: CONVERTERS, failureConverterPath: CONVERTERS }

/** The data converter of all of Holdfast: client, worker and replayer have to use the same. */
export function createDataConverter(keys: readonly [SealingKey, ...SealingKey[]]): DataConverter {
  return { ...CONVERTER_PATHS, payloadCodecs: [createSealingCodec(createKeyring(keys))] }
}
