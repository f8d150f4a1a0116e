import { defineStore } from 'pinia'
import { call, Problem, watches } from './client'
import type { Session } from './types'

/** Who is signed in. `known` is false until the server has said so once. */
export const useSession = defineStore('session', {
  state: () => ({ who: null as Session | null, known: false }),
  actions: {
    async look(): Promise<void> {
      watches.signedOut = () => {
        this.who = null
      }
      try {
        this.who = await call<Session>('/api/session')
      } catch (cause) {
        if (!(cause instanceof Problem)) throw cause
        this.who = null
      }
      this.known = true
    },
    async signIn(account: string, password: string): Promise<void> {
      this.who = await call<Session>('/api/session', { method: 'POST', body: { account, password } })
    },
    async signOut(): Promise<void> {
      await call<void>('/api/session', { method: 'DELETE' })
      this.who = null
    },
  },
})
