import { computed, ref } from 'vue'
import { call, type Problem } from '@/api/client'
import { asProblem } from '@/api/load'
import type { Place } from '@/api/types'

/** Sends a step with the names of a place as it stands at its version; done is told when it was taken, or had gone stale. */
export function usePlaceWork(place: () => Place, done: () => void) {
  const sending = ref(false)
  const problem = ref<Problem>()
  const findings = computed(() => problem.value?.findings ?? [])

  async function send(path: string, method: 'POST' | 'PUT', body: object): Promise<boolean> {
    sending.value = true
    problem.value = undefined
    try {
      await call(`/api/places/${place().id}/${path}`, { method, version: place().version, body })
      done()
      return true
    } catch (cause) {
      problem.value = asProblem(cause)
      if (problem.value.status === 412) done()
      return false
    } finally {
      sending.value = false
    }
  }
  return { sending, problem, findings, send }
}
