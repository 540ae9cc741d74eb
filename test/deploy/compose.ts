import { parse } from 'yaml'
import { interpolate, type Variables } from './env-example.ts'
import { textOf } from './files.ts'

export interface Service {
  readonly image: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly restart?: string
  readonly stop_grace_period?: string
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** docker-compose.yml as it stands, with its `${VARIABLE}`s. */
export function rawCompose(): Compose {
  return parse(textOf('docker-compose.yml'), { merge: true }) as Compose
}

/** docker-compose.yml as docker compose would run it. Throws for a required variable that is blank. */
export function composeWith(variables: Variables): Compose {
  return walk(rawCompose(), (text) => interpolate(text, variables)) as Compose
}

/** Every string of a document, replaced. */
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

export function environmentOf(service: Service): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value)]),
  )
}
