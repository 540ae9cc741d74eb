import { SYSTEMS } from '../../../src/contracts/systems.ts'
import { VOCABULARIES } from '../../../src/contracts/vocabulary.ts'
import { LIBRARY_VOCABULARY } from './vocabulary.ts'

/** Adds the library to the tables of words: in each process of its own, and in its workflow code. */
export function addLibraryWords(): void {
  SYSTEMS.library = true
  VOCABULARIES.library = LIBRARY_VOCABULARY
}
