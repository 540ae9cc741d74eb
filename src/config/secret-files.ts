import { readFileSync } from 'node:fs'
import { ConfigError, type Env } from './read.ts'

/**
 * Variables that may come from a file, as secrets of Docker and Kubernetes do. `TEMPORAL_CONFIG_FILE` is a setting of
 * its own.
 */
const FROM_FILE =
  /^(MONGODB_URI|[A-Z][A-Z0-9_]*_DB_URL|PDS_ADMIN_PASSWORD|TEMPORAL_API_KEY|SLACK_WEBHOOK_URL|SMTP_URL|PAGERDUTY_ROUTING_KEY|HOLDFAST_(?:KEY|ID_KEY|OPERATOR_TOKEN|OPERATORS|ALERT_URL|ALERT_WEBHOOK_URL|ALERT_WEBHOOK_SECRET)|AUTH0_[A-Z][A-Z0-9_]*_(?:CLIENT_SECRET|LOG_TOKEN))_FILE$/

/**
 * The environment with `<NAME>_FILE` replaced by `<NAME>`, the content of that file without its final line break.
 * Throws one `ConfigError` that names every file that cannot be read, and every variable that is given both ways.
 */
export function withSecretFiles(env: Env): Env {
  const { env: whole, findings } = readSecretFiles(env)
  if (findings.length > 0) throw new ConfigError(findings)
  return whole
}

/**
 * The same for commands that have to report on an incomplete configuration: a file that cannot be read leaves its
 * variable as it is, so that `loadConfig` reports it where it is needed.
 */
export function withReadableSecretFiles(env: Env): Env {
  return readSecretFiles(env).env
}

function readSecretFiles(env: Env): { env: Env; findings: string[] } {
  const findings: string[] = []
  const whole: Record<string, string | undefined> = { ...env }
  for (const [variable, path] of Object.entries(env)) {
    const name = FROM_FILE.exec(variable)?.[1]
    if (name === undefined || !path) continue
    if (env[name]) {
      findings.push(`${name} and ${variable} must not both be set`)
      continue
    }
    try {
      whole[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
      delete whole[variable]
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      findings.push(`${variable} names a file that cannot be read (${String(error.code)})`)
    }
  }
  return { env: whole, findings }
}
