import { AtpAgent } from '@atproto/api'
import type { World } from './world.ts'

export interface PdsAccountInfo {
  readonly did: string
  readonly handle: string
  readonly email?: string | undefined
}

const BATCH = 50

/** A PDS as its admin sees it. */
export function pdsAdmin(env: World['env']) {
  const agent = new AtpAgent({ service: env['PDS_URL'] ?? '' })
  const password = env['PDS_ADMIN_PASSWORD'] ?? ''
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
  const { sync, admin, server } = agent.com.atproto

  /** Every account of the PDS, found by its repository. */
  async function accounts(): Promise<PdsAccountInfo[]> {
    const dids: string[] = []
    let cursor: string | undefined
    do {
      const { data } = await sync.listRepos({ limit: 500, ...(cursor === undefined ? {} : { cursor }) })
      dids.push(...data.repos.map(({ did }) => did))
      cursor = data.cursor
    } while (cursor !== undefined)
    const found: PdsAccountInfo[] = []
    for (let from = 0; from < dids.length; from += BATCH) {
      const { data } = await admin.getAccountInfos({ dids: dids.slice(from, from + BATCH) }, { headers })
      found.push(...data.infos)
    }
    return found
  }

  return {
    accounts,
    accountsOf: async (email: string) => (await accounts()).filter((account) => account.email === email),
    create: async (account: {
      handle: string
      email: string
      password: string
      inviteCode?: string
      recoveryKey?: string
    }) => (await server.createAccount(account)).data.did,
    async takeDown(did: string): Promise<void> {
      const subject = { $type: 'com.atproto.admin.defs#repoRef' as const, did }
      await admin.updateSubjectStatus(
        { subject, takedown: { applied: true } },
        { headers, encoding: 'application/json' },
      )
    },
    async remove(did: string): Promise<void> {
      await admin.deleteAccount({ did }, { headers, encoding: 'application/json' })
    },
  }
}
