import type { Finding, PlacedEvidence } from '@/api/types'

/** A place that a finding rests on, with its number on the map. */
export interface Collision {
  n: number
  id: string
  name: string
  at: [lon: number, lat: number]
  distanceM?: number
}

/** The places that findings rest on and that lie somewhere, each once, numbered as the findings come. */
export function collisionsOf(findings: readonly Finding[], places: readonly PlacedEvidence[]): Collision[] {
  const all = new Map<string, Collision>()
  for (const e of findings.flatMap((f) => f.evidence ?? [])) {
    const place = places.find((p) => p.id === e.id)
    if (place && !all.has(e.id)) all.set(e.id, { n: all.size + 1, id: e.id, name: e.name, at: [place.lon, place.lat], distanceM: e.distanceM })
  }
  return [...all.values()]
}
