import { stripVTControlCharacters } from 'node:util'
import type { Command } from 'commander'
import { listedCommands } from '../../src/cli/commands.ts'
import { programFor } from '../../src/cli/program.ts'
import { loadSystems, supportedSystems } from '../../src/systems/served.ts'

const WIDTH = 100

const INTRO = `# The \`holdfast\` command

In a checkout: \`npx holdfast <command>\`. In a container, or where the package is installed: \`holdfast <command>\`. What
follows is what \`--help\` prints. [operate](operate/README.md) says which command answers which question.
`

/** docs/cli.md, from what the command says of itself. */
export async function cliPage(): Promise<string> {
  const sections: string[] = []
  const commands = listedCommands(await loadSystems(supportedSystems()))
  for (const [heading, below] of Map.groupBy(commands, (command) => command.heading)) {
    sections.push(`## ${heading}`)
    for (const { name } of below) {
      const program = await programFor([name])
      const command = program.commands.find((one) => one.name() === name)
      if (command === undefined) throw new Error(`no command ${name}`)
      sections.push(`### ${name}`, block(helpOf(command)))
    }
  }
  return [INTRO, block(helpOf(await programFor([]))), ...sections].join('\n\n')
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return stripVTControlCharacters(text).trim()
}

function block(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``
}
