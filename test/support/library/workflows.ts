import { addLibraryWords } from './add-words.ts'

addLibraryWords()

export * from '../../../src/workflows/index.ts'
export { librarySignup } from './workflow.ts'
