import { defineStore } from 'pinia'
import { call } from './client'
import type { Config } from './types'

/** What the server says about itself to every page; nothing where it cannot be asked. */
export const useConfig = defineStore('config', {
  state: () => ({ says: {} as Partial<Config> }),
  actions: {
    async look(): Promise<void> {
      try {
        this.says = await call<Config>('/api/config')
      } catch {
        this.says = {}
      }
    },
  },
})
