import type { Dispute, DisputedSpan } from '@/api/types'
import type { Drawn } from '@/map/drawn'

/** The segments still in dispute, as the map draws them over the line. */
export function drawnDisputes(disputes: readonly Dispute[]): Drawn[] {
  return disputes.filter((d) => d.state === 'open' && d.geometry).map((d) => ({ look: 'disputed', geometry: d.geometry as GeoJSON.Geometry }))
}

/** A chainage as road and boundary men write it: K2+045.30. */
export function stationOf(m: number): string {
  const cm = Math.round(m * 100)
  const rest = (cm % 100_000) / 100
  return `K${Math.floor(cm / 100_000)}+${rest.toFixed(rest % 1 ? 2 : 0).padStart(rest % 1 ? 6 : 3, '0')}`
}

/** From where to where, and how long. */
export function spanOf(span: DisputedSpan): { from: string; to: string; longM: number } {
  return { from: stationOf(span.fromM), to: stationOf(span.toM), longM: span.toM - span.fromM }
}
