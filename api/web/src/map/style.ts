import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { colours, dashes } from './colours'
import { drawnLayers, drawnSources, pointedLayers } from './drawn'
import { collectionOf, type Selection } from './selection'

// The map as Chinese administrative maps draw it: tinted counties, 省级界 as a dash and two dots over a band, 县级界 as a
// dash and a dot, names by rank, boundary stones on the line. All of it from our own tiles.

const sources = ['divisions', 'places', 'lines', 'markers', 'coverage'] as const
export type Source = (typeof sources)[number]

/** Where the tiles of a collection are; a new version makes the browser ask again. */
export const tilesOf = (source: Source, version = 0): string[] => [
  `${location.origin}/tiles/${source}/{z}/{x}/{y}.mvt${version ? `?v=${version}` : ''}`,
]

/** The style without a glyph or sprite address: text is drawn here, symbols are added as images. */
export function mapStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(sources.map((s) => [s, { type: 'vector' as const, tiles: tilesOf(s), minzoom: 3, maxzoom: s === 'divisions' ? 12 : 14 }])),
      names: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      ...drawnSources,
    },
    layers: [...grounds(), ...selectedLayers(), ...lineLayers(), ...coverageLayers(), ...drawnLayers(), ...pointLayers(), ...nameLayers(), ...pointedLayers()],
  }
}

const get = (name: string): ExpressionSpecification => ['get', name]
const is = (name: string, value: string | number | boolean): FilterSpecification => ['==', ['get', name], value]

const byZoom = (...stops: [number, number][]): ExpressionSpecification =>
  ['interpolate', ['linear'], ['zoom'], ...stops.flat()] as unknown as ExpressionSpecification

/** The fill of the counties, by their tints. */
export function tinted(tints: ReadonlyMap<string, number>): ExpressionSpecification | string {
  if (tints.size === 0) return colours.tintUnknown
  return ['match', get('id'), ...[...tints].flatMap(([id, i]) => [id, colours.tints[i % colours.tints.length]]), colours.tintUnknown] as unknown as ExpressionSpecification
}

function grounds(): LayerSpecification[] {
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': colours.ground } },
    {
      id: 'county-area',
      type: 'fill',
      source: 'divisions',
      'source-layer': 'divisions',
      filter: is('level', 'county'),
      paint: { 'fill-color': colours.tintUnknown, 'fill-antialias': false }, // until the tints are known
    },
    {
      id: 'county-outline', // where neighbours do not match no line was derived; the area still ends somewhere
      type: 'line',
      source: 'divisions',
      'source-layer': 'divisions',
      filter: is('level', 'county'),
      paint: { 'line-color': colours.outline, 'line-width': 0.8 },
    },
  ]
}

const nothing: FilterSpecification = ['==', ['get', 'id'], '']

function selectedLayers(): LayerSpecification[] {
  const glow = { 'line-color': colours.selected, 'line-width': byZoom([5, 5], [14, 9]), 'line-opacity': 0.6 }
  return [
    { id: 'selected-division', type: 'line', source: 'divisions', 'source-layer': 'divisions', filter: nothing, paint: glow },
    { id: 'selected-line', type: 'line', source: 'lines', 'source-layer': 'lines', filter: nothing, paint: glow },
    ...(['places', 'markers'] as const).map(
      (s): LayerSpecification => ({
        id: s === 'places' ? 'selected-place' : 'selected-marker',
        type: 'circle',
        source: s,
        'source-layer': s,
        filter: nothing,
        paint: { 'circle-radius': 14, 'circle-color': colours.selected, 'circle-opacity': 0.45, 'circle-stroke-color': colours.selected, 'circle-stroke-width': 2 },
      }),
    ),
  ]
}

function lineLayers(): LayerSpecification[] {
  const base = { source: 'lines', 'source-layer': 'lines' } as const
  return [
    {
      id: 'province-band',
      type: 'line',
      ...base,
      filter: is('level', 'province'),
      layout: { 'line-join': 'round' },
      paint: { 'line-color': colours.provinceBand, 'line-opacity': 0.45, 'line-width': byZoom([5, 5], [12, 12]) },
    },
    {
      id: 'county-line',
      type: 'line',
      ...base,
      filter: is('level', 'county'),
      paint: { 'line-color': colours.county, 'line-width': byZoom([5, 0.7], [9, 1.1], [14, 1.8]), 'line-dasharray': [...dashes.county] },
    },
    {
      id: 'province-line',
      type: 'line',
      ...base,
      filter: is('level', 'province'),
      paint: { 'line-color': colours.province, 'line-width': byZoom([5, 1.2], [9, 1.8], [14, 2.4]), 'line-dasharray': [...dashes.province] },
    },
  ]
}

function coverageLayers(): LayerSpecification[] {
  const base = { type: 'line', source: 'coverage', 'source-layer': 'coverage' } as const
  const width = byZoom([6, 3], [10, 5], [14, 7])
  return [
    { id: 'coverage-not-checked', ...base, filter: is('class', 'not-checked'), paint: { 'line-color': colours.notChecked, 'line-width': width, 'line-opacity': 0.75, 'line-dasharray': [...dashes.notChecked] } },
    { id: 'coverage-viewed', ...base, filter: ['in', get('class'), ['literal', ['viewed', 'imagery']]], paint: { 'line-color': colours.viewed, 'line-width': width, 'line-opacity': 0.7 } },
    { id: 'coverage-walked', ...base, filter: is('class', 'walked'), paint: { 'line-color': colours.walked, 'line-width': width, 'line-opacity': 0.75 } },
  ]
}

/** The filters that show what is selected, by layer. */
export function selectedFilters(selected: Selection | undefined): [layer: string, filter: FilterSpecification][] {
  return Object.keys(collectionOf).map((kind) => [`selected-${kind}`, selected?.kind === kind ? ['==', ['get', 'id'], selected.id] : nothing])
}

function pointLayers(): LayerSpecification[] {
  const halo = { 'text-halo-color': colours.halo, 'text-halo-width': 1.4 }
  const icon: ExpressionSpecification = [
    'match',
    get('category'),
    'division',
    'division',
    ['village-committee', 'natural-village', 'residential-building'],
    'settlement',
    'natural',
    'natural',
    'facility',
  ]
  return [
    {
      id: 'place',
      type: 'symbol',
      source: 'places',
      'source-layer': 'places',
      minzoom: 7,
      filter: ['>=', ['to-number', ['coalesce', get('rank'), 5], 5], 3], // provinces and counties have their names from their areas
      layout: {
        'symbol-sort-key': ['to-number', ['coalesce', get('rank'), 5], 5],
        'icon-image': icon,
        'icon-allow-overlap': false,
        'text-field': get('name'),
        'text-size': byZoom([8, 12], [14, 14]),
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.6,
        'text-optional': false,
        'text-padding': 4,
      },
      paint: { 'text-color': ['match', get('category'), 'natural', colours.natural, colours.ink], ...halo },
    },
    {
      id: 'marker',
      type: 'symbol',
      source: 'markers',
      'source-layer': 'markers',
      minzoom: 7,
      layout: {
        'icon-image': ['case', ['==', ['to-string', get('synthetic')], 'true'], 'stone-synthetic', 'stone'],
        'icon-anchor': 'bottom',
        'icon-allow-overlap': ['step', ['zoom'], false, 11, true],
        'text-field': ['step', ['zoom'], '', 12, get('number')],
        'text-size': 12,
        'text-anchor': 'left',
        'text-offset': [0.9, -0.8],
        'text-optional': true,
      },
      paint: { 'text-color': colours.stone, ...halo },
    },
  ]
}

function nameLayers(): LayerSpecification[] {
  const halo = { 'text-halo-color': colours.halo, 'text-halo-width': 1.6 }
  return [
    {
      id: 'county-name',
      type: 'symbol',
      source: 'names',
      minzoom: 5,
      maxzoom: 13,
      filter: is('level', 'county'),
      layout: { 'symbol-sort-key': get('order'), 'text-field': get('name'), 'text-size': byZoom([5, 10.5], [6, 11], [7, 12.5], [9, 16], [12, 19]), 'text-letter-spacing': 0.08, 'text-padding': 1, 'text-max-width': 7, 'text-variable-anchor': ['center', 'top', 'bottom'], 'text-radial-offset': 0.5 },
      paint: { 'text-color': colours.inkCounty, ...halo },
    },
    {
      id: 'province-name',
      type: 'symbol',
      source: 'names',
      maxzoom: 8,
      filter: is('level', 'province'),
      layout: { 'text-field': get('name'), 'text-size': byZoom([4, 15], [7, 24]), 'text-letter-spacing': 0.3, 'text-padding': 6 },
      paint: { 'text-color': colours.inkProvince, 'text-opacity': byZoom([6.6, 0.95], [7.6, 0.5]), ...halo },
    },
  ]
}

/** The layers a click may hit, the most precise first. */
export const pickable: [layer: string, kind: Selection['kind']][] = [
  ['marker', 'marker'],
  ['place', 'place'],
  ['province-line', 'line'],
  ['county-line', 'line'],
]
