import type { Receiver } from './types'

/** A submission that was begun and has no receipt yet, as this browser remembers it: everything but the files' bytes. */
export interface Unfinished {
  id: string
  at: string // when it was begun
  lineId?: string
  inspectionId?: string
  title: string // of the line or inspection, for people
  receiver: Receiver
  sigmaM: number
  files: { name: string; size: number; sha256?: string }[]
}

const keyOf = (account: string) => `fangyu.unfinished.${account}`

/** The unfinished submissions of an account in this browser, oldest first. */
export function unfinishedOf(account: string): Unfinished[] {
  try {
    return JSON.parse(localStorage.getItem(keyOf(account)) ?? '[]') as Unfinished[]
  } catch {
    return [] // the browser keeps nothing
  }
}

export function remember(account: string, one: Unfinished): void {
  keep(account, [...unfinishedOf(account).filter((u) => u.id !== one.id), one])
}

export function forget(account: string, id: string): void {
  keep(account, unfinishedOf(account).filter((u) => u.id !== id))
}

function keep(account: string, all: Unfinished[]): void {
  try {
    localStorage.setItem(keyOf(account), JSON.stringify(all))
  } catch {
    // without it a submission goes on only as long as the page stays open
  }
}
