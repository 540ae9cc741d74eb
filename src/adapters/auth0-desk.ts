import { auth0Error, createManagement, type Auth0Access } from './auth0-client.ts'

/** What an operator does at Auth0, beside looking at one person. Fails as `createAuth0` does. */
export interface Auth0Desk {
  /** The ids of those who have this address; Auth0 keeps addresses in lower case, and several may share one. */
  idsByEmail(email: string): Promise<string[]>
  /** Has Auth0 send the verification mail again. Needs the scope update:users. */
  sendVerificationMail(userId: string): Promise<void>
  /** The cheapest question that needs our credentials and read:users. */
  ping(): Promise<void>
}

export function createAuth0Desk(tenant: Auth0Access): Auth0Desk {
  const management = createManagement(tenant)
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question()
    } catch (error) {
      throw auth0Error(error)
    }
  }
  return {
    idsByEmail: (email) =>
      ask(async () => {
        const found = await management.users.listUsersByEmail({
          email: email.toLowerCase(),
          fields: 'user_id',
          include_fields: true,
        })
        return found.flatMap(({ user_id }) => user_id ?? [])
      }),
    sendVerificationMail: (userId) =>
      ask(async () => {
        await management.jobs.verificationEmail.create({ user_id: userId })
      }),
    ping: () =>
      ask(async () => {
        await management.users.list({ per_page: 1, fields: 'user_id', include_fields: true })
      }),
  }
}
