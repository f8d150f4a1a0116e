import type { ExpressionSpecification, FilterSpecification, GeoJSONSource, LayerSpecification, LineLayerSpecification, Map as MapLibre, SourceSpecification } from 'maplibre-gl'
import { colours, dashes } from './colours'

// What a page draws over the map: stretches of a line by class, a track and its points, and the place pointed at.

/** How a drawn thing looks, in its property `look`. */
export type Look = 'walked' | 'viewed' | 'imagery' | 'not-checked' | 'track' | 'line' | 'point' | 'flag' | 'stop' | 'marked' | 'extent' | 'passing-a' | 'passing-b' | 'disputed' | 'numbered' | 'lit'

export interface Drawn {
  look: Look
  geometry: GeoJSON.Geometry
  number?: string // in the dot of what is numbered, or lit
  text?: string // beside it
}

/** A shape as it is drawn: areas by their edges, points as dots. */
export function drawnShape(g: GeoJSON.Geometry): Drawn[] {
  switch (g.type) {
    case 'GeometryCollection':
      return g.geometries.flatMap(drawnShape)
    case 'Polygon':
      return [{ look: 'extent', geometry: { type: 'MultiLineString', coordinates: g.coordinates } }]
    case 'MultiPolygon':
      return [{ look: 'extent', geometry: { type: 'MultiLineString', coordinates: g.coordinates.flat() } }]
    case 'Point':
    case 'MultiPoint':
      return [{ look: 'stop', geometry: g }]
    default:
      return [{ look: 'extent', geometry: g }]
  }
}

const nothing: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

export const drawnSources: Record<string, SourceSpecification> = {
  drawn: { type: 'geojson', data: nothing },
  pointed: { type: 'geojson', data: nothing },
}

const lines: [look: Look, paint: LineLayerSpecification['paint']][] = [
  ['marked', { 'line-color': colours.marked, 'line-width': 14, 'line-opacity': 0.5 }],
  ['extent', { 'line-color': colours.marked, 'line-width': 3 }],
  ['line', { 'line-color': colours.county, 'line-width': 2.5, 'line-dasharray': [...dashes.county] }],
  ['not-checked', { 'line-color': colours.notChecked, 'line-width': 5, 'line-dasharray': [...dashes.notChecked] }],
  ['imagery', { 'line-color': colours.viewed, 'line-width': 6, 'line-dasharray': [0.6, 0.6] }],
  ['viewed', { 'line-color': colours.viewed, 'line-width': 6, 'line-dasharray': [2, 0.8] }],
  ['walked', { 'line-color': colours.walked, 'line-width': 6 }],
  ['track', { 'line-color': colours.track, 'line-width': 2.5 }],
]

export function drawnLayers(): LayerSpecification[] {
  const is = (look: Look): FilterSpecification => ['==', ['get', 'look'], look]
  const round = { 'line-join': 'round' } as const
  return [
    ...passing('passing-a', is('passing-a'), colours.facility, colours.facility),
    ...passing('passing-b', is('passing-b'), colours.selected, colours.passing, [2, 1.2]),
    ...barred(is('disputed')),
    ...lines.map(([look, paint]): LayerSpecification => ({ id: `drawn-${look}`, type: 'line', source: 'drawn', filter: is(look), layout: round, paint })),
    dots('drawn-point', is('point'), 2.5, colours.track),
    dots('drawn-stop', is('stop'), 7, colours.facility),
    dots('drawn-flag', is('flag'), 5, colours.notChecked),
  ]
}

/** What lies over the names of the map: what is numbered, and the place pointed at. */
export function pointedLayers(): LayerSpecification[] {
  return [
    ...numbered(['in', ['get', 'look'], ['literal', ['numbered', 'lit']]]),
    { id: 'pointed-grip', type: 'circle', source: 'pointed', paint: { 'circle-radius': 20, 'circle-opacity': 0.01 } }, // as wide as a finger
    { id: 'pointed', type: 'circle', source: 'pointed', paint: { 'circle-radius': 9, 'circle-color': colours.selected, 'circle-stroke-color': colours.ink, 'circle-stroke-width': 2.5 } },
  ]
}

/** Ground that comes to another party: tinted, with an edge. */
function passing(look: Look, filter: FilterSpecification, tint: string, edge: string, dash?: number[]): LayerSpecification[] {
  return [
    { id: `drawn-${look}`, type: 'fill', source: 'drawn', filter, paint: { 'fill-color': tint, 'fill-opacity': 0.4 } },
    { id: `drawn-${look}-edge`, type: 'line', source: 'drawn', filter, paint: { 'line-color': edge, 'line-width': 2, ...(dash && { 'line-dasharray': dash }) } },
  ]
}

/** A stretch in dispute: a dark band with bright bars across, which nothing else has. */
function barred(filter: FilterSpecification): LayerSpecification[] {
  const round = { 'line-join': 'round' } as const
  return [
    { id: 'drawn-disputed', type: 'line', source: 'drawn', filter, layout: round, paint: { 'line-color': colours.ink, 'line-width': 9 } },
    { id: 'drawn-disputed-bars', type: 'line', source: 'drawn', filter, layout: round, paint: { 'line-color': colours.disputed, 'line-width': 6, 'line-dasharray': [0.9, 0.6] } },
  ]
}

/** Places with a number each and their names, however near; the one that is lit is larger, and edged. */
function numbered(filter: FilterSpecification): LayerSpecification[] {
  const lit = <T>(yes: T, no: T): ExpressionSpecification => ['case', ['==', ['get', 'look'], 'lit'], yes, no] as unknown as ExpressionSpecification
  return [
    {
      id: 'drawn-numbered',
      type: 'circle',
      source: 'drawn',
      filter,
      layout: { 'circle-sort-key': lit(1, 0) },
      paint: { 'circle-radius': lit(16, 12), 'circle-color': lit(colours.ink, colours.notChecked), 'circle-stroke-color': lit(colours.selected, colours.halo), 'circle-stroke-width': lit(4, 2) },
    },
    {
      id: 'drawn-number',
      type: 'symbol',
      source: 'drawn',
      filter,
      layout: { 'text-field': ['coalesce', ['get', 'number'], ''], 'text-size': 14, 'text-allow-overlap': true, 'text-ignore-placement': true, 'symbol-sort-key': lit(1, 0) },
      paint: { 'text-color': colours.halo },
    },
    {
      id: 'drawn-text',
      type: 'symbol',
      source: 'drawn',
      filter,
      layout: { 'text-field': ['coalesce', ['get', 'text'], ''], 'text-size': 14, 'text-variable-anchor': ['left', 'right', 'top', 'bottom'], 'text-radial-offset': 1.2, 'text-justify': 'auto', 'symbol-sort-key': lit(0, 1), 'text-max-width': 12 },
      paint: { 'text-color': colours.ink, 'text-halo-color': colours.halo, 'text-halo-width': 2 },
    },
  ]
}

function dots(id: string, filter: FilterSpecification, radius: number, colour: string): LayerSpecification {
  return { id, type: 'circle', source: 'drawn', filter, paint: { 'circle-radius': radius, 'circle-color': colour, 'circle-stroke-color': colours.halo, 'circle-stroke-width': radius > 3 ? 1.5 : 0 } }
}

/**
 * Draws these things in place of those before. Beside nothing, or disputes alone, the coverage of everybody is shown; beside anything else
 * it is left out, for it is drawn otherwise now.
 */
export function draw(map: MapLibre, things: Drawn[] | undefined): void {
  map.getSource<GeoJSONSource>('drawn')?.setData({ type: 'FeatureCollection', features: (things ?? []).map((d) => ({ type: 'Feature', properties: { look: d.look, number: d.number, text: d.text }, geometry: d.geometry })) })
  const shown = !things || (things.length > 0 && things.every((d) => d.look === 'disputed')) ? 'visible' : 'none'
  for (const c of ['walked', 'viewed', 'not-checked']) map.setLayoutProperty(`coverage-${c}`, 'visibility', shown)
}

export function point(map: MapLibre, at: [number, number] | undefined): void {
  map.getSource<GeoJSONSource>('pointed')?.setData(at ? { type: 'Point', coordinates: at } : nothing)
}
