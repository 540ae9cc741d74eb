import { auth0Error, createManagementClient, type Auth0Access } from './client.ts'

/** Operators' calls to Auth0, beside the look-up of one person. Fails as `createAuth0` does. */
export interface Auth0Admin {
  /** The ids of the users with this address; Auth0 keeps addresses in lower case, and several users may share one. */
  idsByEmail(email: string): Promise<string[]>
  /** Makes Auth0 send the verification mail again. Needs the scope update:users. */
  sendVerificationMail(userId: string): Promise<void>
  /** The cheapest call that needs our credentials and read:users. */
  ping(): Promise<void>
}

export function createAuth0Admin(tenant: Auth0Access): Auth0Admin {
  const management = createManagementClient(tenant)
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
