/** The database connection in which people sign up, and the social connections. */
export interface Connection {
  name: string
  id: string
  strategy: string
  strategyType: string
  social: boolean
}

export const database: Connection = {
  name: 'Username-Password-Authentication',
  id: 'con_holdfastDatabase',
  strategy: 'auth0',
  strategyType: 'database',
  social: false,
}

export const socialConnection = (strategy: string): Connection => ({
  name: strategy,
  id: `con_holdfast${strategy.replace(/\W/g, '')}`,
  strategy,
  strategyType: 'social',
  social: true,
})

export const connectionOf = (userId: string): Connection => {
  const provider = userId.split('|')[0] ?? ''
  return provider === database.strategy ? database : socialConnection(provider)
}
