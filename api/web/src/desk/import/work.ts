import { ref } from 'vue'
import { call, type Problem } from '@/api/client'
import { asProblem } from '@/api/load'
import type { PlaceImport } from '@/api/types'

/** Sends a step with an import as it stands at its version; changed is told of what it is after it, or of nothing where it had gone stale. */
export function useImportWork(it: () => PlaceImport, changed: (after?: PlaceImport) => void) {
  const sending = ref('') // which step is under way
  const problem = ref<Problem>()

  async function send(step: string, path: string, method: 'POST' | 'PUT', body: object): Promise<boolean> {
    sending.value = step
    problem.value = undefined
    try {
      changed(await call<PlaceImport>(`/api/imports/${it().id}${path}`, { method, version: it().version, body }))
      return true
    } catch (cause) {
      problem.value = asProblem(cause)
      if (problem.value.status === 412 || problem.value.status === 409) changed()
      return false
    } finally {
      sending.value = ''
    }
  }
  const act = (action: 'judge' | 'commit' | 'abandon') => send(action, '/actions', 'POST', { action })
  return { sending, problem, send, act }
}
