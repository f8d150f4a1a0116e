import type { FeatureCollection } from 'geojson'
import { call } from '@/api/client'
import { anchorOf, type Area } from './anchor'
import { tintsOf } from './tints'

interface Division {
  id: string
  geometry: Area | null
  properties: { name: string; level: string }
}

interface Items {
  features: Division[]
}

export interface Divisions {
  names: FeatureCollection // of provinces and counties, each once at a point inside its area; tiles would repeat them at every edge
  tints: Map<string, number> // of counties, by id
}

/** What the map must know of whole divisions, which tiles cut up. */
export async function wholeDivisions(signal: AbortSignal): Promise<Divisions> {
  const levels = await Promise.all(
    ['province', 'county'].map((level) => call<Items>('/ogc/collections/divisions/items', { query: { level, limit: 1000 }, signal })),
  )
  const features: FeatureCollection['features'] = []
  for (const d of levels.flatMap((l) => l.features)) {
    const anchor = anchorOf(d.geometry)
    if (!anchor) continue
    const { name, level } = d.properties
    features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: anchor.at }, properties: { id: d.id, name, level, order: -anchor.size } })
  }
  await new Promise((next) => setTimeout(next)) // a task of its own: none may keep the map from moving for long
  return { names: { type: 'FeatureCollection', features }, tints: tintsOf(levels[1]!.features) }
}
