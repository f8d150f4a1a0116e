import { computed, ref } from 'vue'
import { call, type Problem } from '@/api/client'
import { asProblem } from '@/api/load'
import type { Place } from '@/api/types'

/** Sends a step with a place as it stands at its version and gives the place after it; changed is told of that, and of a place that had gone stale. */
export function usePlaceWork(place: () => Place, changed?: () => void) {
  const sending = ref(false)
  const problem = ref<Problem>()
  const findings = computed(() => problem.value?.findings ?? [])

  async function send(path: string, method: 'POST' | 'PUT', body: object): Promise<Place | undefined> {
    sending.value = true
    problem.value = undefined
    try {
      const after = await call<Place>(`/api/places/${place().id}${path && `/${path}`}`, { method, version: place().version, body })
      changed?.()
      return after
    } catch (cause) {
      problem.value = asProblem(cause)
      if (problem.value.status === 412) changed?.()
    } finally {
      sending.value = false
    }
  }
  return { sending, problem, findings, send }
}
