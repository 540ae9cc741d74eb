import { ConfigError } from '../../src/config.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'
import { exampleVariables, filledEnvironment, type Variables } from '../../test/deploy/env-example.ts'
import { isRead, isReadForSupabase, sectionsOf } from '../../test/deploy/sections.ts'
import { textOf } from '../../test/deploy/files.ts'
import { cell, escaped } from './markdown.ts'

const INTRO = `# Configuration

Every variable that Holdfast reads from its environment, and those that only \`docker-compose.yml\` reads. The list is
generated from [.env.example](../.env.example); \`npm run docs\` writes it again.

- A variable that is missing, malformed or weak is named at start, all of them at once.
- Each secret of Holdfast may come from a file instead: \`HOLDFAST_KEY_FILE=/run/secrets/holdfast_key\` for \`HOLDFAST_KEY\`, and so on. docker compose takes all of them from the files that \`sh deploy/secrets.sh\` makes in \`secrets/\`: \`secrets/holdfast_key\`.
- Secrets have at least 16 characters, and no two are the same. \`http://\` is accepted for this machine and for names without dots only.
- A further Auth0 tenant is another group of \`AUTH0_<TENANT>_…\`; the part after \`AUTH0_\` is its name.
- \`TEMPORAL_*\` are read as the \`temporal\` command reads them, its profile file included: [Temporal's environment configuration](https://docs.temporal.io/develop/environment-configuration).
- \`npm start\` reads none of these: it starts servers of its own. It takes installed programs from \`HOLDFAST_TEMPORAL_BIN\` and \`HOLDFAST_MONGOD_BIN\`.
- [Auth0](../deploy/auth0/README.md) and [MongoDB](../deploy/mongo/role.js) have to grant Holdfast rights; \`holdfast check atproto\` names each that is missing.
- A system whose records are in Postgres reads \`<SYSTEM>_DB_URL\` instead of \`MONGODB_URI\` and \`MONGODB_DB\`, and keeps Holdfast's own data there too: [postgres.md](operate/postgres.md). \`supabase\` does, \`atproto\` does not.
`

/** Variables that the command reads besides those of a worker. */
const OF_THE_COMMAND: readonly AtprotoSection[] = ['url', 'caller', 'requireOperator', 'docs']

const READERS_OF_SUPABASE = { worker: 'src/worker.ts', server: 'src/server.ts', command: 'command' } as const

/** docs/configuration.md, from .env.example and from what the entries read. */
export function configurationPage(): string {
  const entries: readonly (readonly [string, readonly AtprotoSection[]])[] = [
    ['worker', sectionsOf('src/worker.ts')],
    ['server', sectionsOf('src/server.ts')],
    ['codec', sectionsOf('src/codec.ts')],
    ['command', OF_THE_COMMAND],
  ]
  const env = filledEnvironment()
  const examples = new Map(exampleVariables().map((variable) => [variable.name, variable]))
  const groups = commentedVariables().map(({ title, variables }) => {
    const rows = variables.map(({ name, comment }) => {
      const readers = entries.filter(([, sections]) => isRead(sections, env, name))
      const optional = examples.get(name)?.optional ?? false
      const needed =
        readers.length > 0
          ? defaultOf(
              readers.flatMap(([, all]) => all),
              env,
              name,
              optional,
            )
          : name === 'SUPABASE_DB_URL'
            ? '**required**'
            : name.startsWith('SUPABASE_')
              ? 'optional'
              : '–'
      const ofSupabase = Object.entries(READERS_OF_SUPABASE)
        .filter(([, entry]) => isReadForSupabase(entry, env, name))
        .map(([reader]) => reader)
      const readBy =
        [
          ...new Set([
            ...readers.map(([reader]) => reader),
            ...(name.startsWith('SUPABASE_') ? ofSupabase : []),
          ]),
        ].join(', ') || 'docker compose'
      return `| \`${name}\` | ${cell(escaped(comment))} | ${needed} | ${readBy} |`
    })
    return [
      `## ${title}`,
      '',
      '| variable | meaning | without it | read by |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n')
  })
  return [INTRO, ...groups].join('\n\n')
}

/** Defaults of the entries, for variables that are not set. */
function defaultOf(
  sections: readonly AtprotoSection[],
  env: Variables,
  name: string,
  optional: boolean,
): string {
  const { [name]: value, ...without } = env
  try {
    const loaded = JSON.stringify(loadAtprotoConfig(sections, without))
    if (optional || value === undefined || value === '') return 'optional'
    return loaded === JSON.stringify(loadAtprotoConfig(sections, env)) ? `\`${value}\`` : 'optional'
  } catch (error) {
    if (error instanceof ConfigError) return '**required**'
    throw error
  }
}

interface Group {
  readonly title: string
  readonly variables: { readonly name: string; readonly comment: string }[]
}

/** The comment of a variable are the comment lines above it, up to the variable or the blank line before. */
function commentedVariables(): Group[] {
  const groups: Group[] = []
  let comment: string[] = []
  for (const line of textOf('.env.example').split('\n')) {
    const title = /^# --- (.+) ---$/.exec(line)?.[1]
    const name = /^#?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1]
    if (title !== undefined) groups.push({ title, variables: [] })
    else if (name !== undefined) groups.at(-1)?.variables.push({ name, comment: sentences(comment) })
    else if (line.startsWith('# ')) {
      comment.push(line.slice(2))
      continue
    }
    comment = []
  }
  return groups
}

/** A command that makes a value stands after two spaces. */
function sentences(lines: readonly string[]): string {
  const [, text = '', command] = /^(.*?)(?: {2}(openssl .+))?$/.exec(lines.join(' ')) ?? []
  return command === undefined ? text : `${text} To make one: \`${command}\``
}
