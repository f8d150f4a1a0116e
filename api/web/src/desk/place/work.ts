import { call } from '@/api/client'
import { useSending } from '@/api/sending'
import type { Place } from '@/api/types'

/** Sends a step with a place as it stands at its version and gives the place after it; changed is told of that, and of a place that had gone stale. */
export function usePlaceWork(place: () => Place, changed?: () => void) {
  const { sending, problem, findings, send: ask } = useSending()

  async function send(path: string, method: 'POST' | 'PUT', body: object): Promise<Place | undefined> {
    const after = await ask(() => call<Place>(`/api/places/${place().id}${path && `/${path}`}`, { method, version: place().version, body }))
    if (after || problem.value?.status === 412) changed?.()
    return after
  }
  return { sending, problem, findings, send }
}
