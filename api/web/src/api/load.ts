import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Problem } from './client'

export type LoadState = 'loading' | 'ready' | 'failed'

export interface Load<T> {
  state: Ref<LoadState>
  data: ShallowRef<T | undefined>
  problem: ShallowRef<Problem | undefined>
  again: () => Promise<void>
}

/**
 * Loads what a page shows: at once, and again whenever asked. While it loads again the former data stay.
 * A load that was overtaken by a later one, or whose page is gone, changes nothing.
 */
export function useLoad<T>(fetching: (signal: AbortSignal) => Promise<T>): Load<T> {
  const state = ref<LoadState>('loading')
  const data = shallowRef<T>()
  const problem = shallowRef<Problem>()
  let running = new AbortController()

  async function again(): Promise<void> {
    running.abort()
    const mine = (running = new AbortController())
    if (data.value === undefined) state.value = 'loading'
    try {
      const got = await fetching(mine.signal)
      if (mine.signal.aborted) return
      data.value = got
      problem.value = undefined
      state.value = 'ready'
    } catch (cause) {
      if (mine.signal.aborted) return
      problem.value = asProblem(cause)
      data.value = undefined
      state.value = 'failed'
    }
  }

  onScopeDispose(() => running.abort())
  void again()
  return { state, data, problem, again }
}

/** The problem a failure is; a mistake of ours is one too, with its text in the console. */
export function asProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  console.error(cause)
  return new Problem(-1, 'page-failed', '', '')
}
