import { computed, ref } from 'vue'
import type { Problem } from './client'
import { asProblem } from './load'

/** Sends what a form says: that it is under way, what the answer was, or the problem with what is wrong beside its fields. */
export function useSending() {
  const sending = ref(false)
  const problem = ref<Problem>()
  const findings = computed(() => problem.value?.findings ?? [])

  /** The answer; undefined where there is a problem. */
  async function send<T>(ask: () => Promise<T>): Promise<T | undefined> {
    sending.value = true
    problem.value = undefined
    try {
      return await ask()
    } catch (cause) {
      problem.value = asProblem(cause)
    } finally {
      sending.value = false
    }
  }
  return { sending, problem, findings, send }
}
