import { textOf } from './files.ts'

export interface Instruction {
  readonly name: string
  readonly rest: string
}

/** The Dockerfile's instructions in order, without comments, continued lines joined. */
export function dockerfile(): Instruction[] {
  return textOf('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? []
      return name === undefined || rest === undefined ? [] : [{ name, rest }]
    })
}

export function instructions(name: string): string[] {
  return dockerfile().flatMap((one) => (one.name === name ? one.rest : []))
}

/** The only instruction of that name. */
export function instruction(name: string): string {
  const [only, ...others] = instructions(name)
  if (only === undefined || others.length > 0) throw new Error(`the Dockerfile has not one ${name}`)
  return only
}

/** The command in exec form at the end of an instruction. Throws for the shell form. */
export function execForm(rest: string): string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[]
}

/** Whether .dockerignore lets a path into the build: the last matching pattern decides. */
export function isSent(path: string): boolean {
  const patterns = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const deciding = patterns.findLast((pattern) => {
    const plain = pattern.replace(/^!/, '')
    if (plain !== '*' && /[*?[]/.test(plain)) throw new Error(`a pattern this test does not know: ${pattern}`)
    return plain === '*' || path === plain || path.startsWith(`${plain}/`)
  })
  return deciding === undefined || deciding.startsWith('!')
}
