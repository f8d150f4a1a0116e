import type { FeatureCollection } from 'geojson'
import { call } from '@/api/client'
import { anchorOf, type Area } from './anchor'

interface Division {
  id: string
  geometry: Area | null
  properties: { name: string; level: string }
}

interface Items {
  features: Division[]
}

/** The names of provinces and counties, each once at a point inside its area. Tiles would repeat them at every edge. */
export async function divisionNames(signal: AbortSignal): Promise<FeatureCollection> {
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
  return { type: 'FeatureCollection', features }
}
