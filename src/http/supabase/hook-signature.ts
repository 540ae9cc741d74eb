import { Webhook, WebhookVerificationError } from 'standardwebhooks'

/** The headers of the Standard Webhooks scheme, by which a call of an auth hook is known. */
export const SIGNATURE_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

/**
 * Verifies that a hook's body was signed by one of the secrets within the last five minutes. `secrets` as Supabase shows
 * them: `v1,whsec_<base64>`.
 */
export function hookVerifier(
  secrets: readonly string[],
): (body: Uint8Array, headers: Readonly<Record<string, string>>) => boolean {
  const webhooks = secrets.map((secret) => new Webhook(secret.replace(/^v1,/, '')))
  return (body, headers) => {
    const text = Buffer.from(body).toString('utf8')
    return webhooks.some((webhook) => isSigned(webhook, text, headers))
  }
}

function isSigned(webhook: Webhook, body: string, headers: Readonly<Record<string, string>>): boolean {
  try {
    webhook.verify(body, { ...headers }, { jsonParse: false }) // the intake parses it
    return true
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false
    throw error
  }
}
