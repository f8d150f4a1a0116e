import { defineStore } from 'pinia'
import { call, Problem, watches } from './client'
import type { Session } from './types'

/** A path of our own to go to after signing in, / for anything else. */
export function ownPath(to: unknown): string {
  const path = String(to ?? '/')
  return path.startsWith('/') && !path.startsWith('//') ? path : '/'
}

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
    async changePassword(current: string, next: string): Promise<void> {
      this.who = await call<Session>('/api/session/password', { method: 'PUT', body: { current, new: next } })
    },
    async signOut(): Promise<void> {
      await call<void>('/api/session', { method: 'DELETE' })
      this.who = null
    },
  },
})
