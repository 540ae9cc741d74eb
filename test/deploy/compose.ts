import { parse } from 'yaml'
import { interpolate, type Variables } from './env-example.ts'
import { textOf } from './files.ts'

export interface Service {
  readonly image: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly secrets?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly restart?: string
  readonly networks?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly read_only?: boolean
  readonly ulimits?: { readonly core?: number }
  readonly mem_limit?: string
  readonly stop_grace_period?: string
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
}

/** docker-compose.yml as written, with its `${VARIABLE}`s. */
export function rawCompose(): Compose {
  return parse(textOf('docker-compose.yml'), { merge: true }) as Compose
}

/** docker-compose.yml as docker compose would interpret it. Throws for a required variable that is blank. */
export function composeWith(variables: Variables): Compose {
  return walk(rawCompose(), (text) => interpolate(text, variables)) as Compose
}

/** Replaces every string of a document. */
function walk(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => walk(item, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, replace)]))
}

export function serviceOf({ services }: Compose, name: string): Service {
  const service = services[name]
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return service
}

/** The environment of the container, with secrets as the paths of their files. */
export function environmentOf(service: Service): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value)]),
  )
}
