import { type GeoJSONSource, Map as MapLibre, type MapMouseEvent, NavigationControl, type PaddingOptions, ScaleControl, setWorkerUrl, type VectorTileSource } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { dragPointed } from './drag'
import { draw, point, type Drawn } from './drawn'
import { wholeDivisions } from './names'
import type { Position, Selection } from './selection'
import { mapStyle, pickable, selectedFilters, tilesOf, tinted } from './style'
import { symbols } from './symbols'

// maplibre-gl is imported in this folder only, and this file only when a map is shown: it is most of the weight.
setWorkerUrl(workerUrl)

export type Box = [west: number, south: number, east: number, north: number]

export interface Options {
  container: HTMLElement
  at: Position | { box: Box }
  label: string
  words: Record<string, string> // texts of MapLibre's own controls
  quiet?: boolean // a small map beside text: no wheel, no keyboard trap
  onMove?: (at: Position) => void
  onPick?: (lon: number, lat: number, hit: Selection | undefined) => void
  onPut?: (lon: number, lat: number) => void // the place pointed at was dragged there; without it none can be dragged
  onIdle?: () => void
  onOver?: (lon: number, lat: number, withinM: number) => void // the pointer rests or taps there; withinM is how far a finger reaches
  onLeave?: () => void
}

export interface OpenMap {
  fly(to: { lon: number; lat: number; zoom?: number } | { box: Box }): void
  select(what: Selection | undefined): void
  /** Draws what the page has to show over the map, in place of what it drew before. */
  draw(things: Drawn[] | undefined): void
  /** Marks a place, or none. */
  point(at: [lon: number, lat: number] | undefined): void
  /** Draws the coverage anew, after a track was matched. */
  refreshCoverage(): void
  resize(): void
  close(): void
}

const family = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
const reach = 6 // pixels around a click
const finger = 18 // pixels around where the pointer rests

/** Opens the map of divisions, lines, markers and names in the container. */
export function openMap(o: Options): OpenMap {
  const start = 'box' in o.at ? { bounds: o.at.box, fitBoundsOptions: { padding: 32 } } : { center: [o.at.lon, o.at.lat] as [number, number], zoom: o.at.zoom }
  const map = new MapLibre({
    container: o.container,
    style: mapStyle(),
    ...start,
    minZoom: 3,
    maxZoom: 18,
    localIdeographFontFamily: family,
    attributionControl: false, // the notice bar of the page says source, date and standing
    fadeDuration: 0,
    dragRotate: false,
    pitchWithRotate: false,
    scrollZoom: !o.quiet,
    refreshExpiredTiles: false,
    locale: o.words,
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.getCanvas().setAttribute('aria-label', o.label)
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-right')
  for (const s of symbols()) map.addImage(s.name, s.data, { pixelRatio: s.pixelRatio })

  const gone = new AbortController()
  let selected: Selection | undefined
  const showSelected = () => selectedFilters(selected).forEach(([layer, filter]) => map.setFilter(layer, filter))

  let named = false // names are fetched beside the tiles; the map is drawn when both are
  const divisions = wholeDivisions(gone.signal).catch((cause: unknown) => {
    if (!gone.signal.aborted) console.warn('divisions', cause)
    return undefined
  })
  map.once('load', async () => {
    showSelected()
    const found = await divisions
    if (gone.signal.aborted) return
    named = true
    if (found) {
      map.setPaintProperty('county-area', 'fill-color', tinted(found.tints))
      map.getSource<GeoJSONSource>('names')?.setData(found.names)
    } else map.triggerRepaint()
  })
  const over = (e: MapMouseEvent) => o.onOver?.(e.lngLat.lng, e.lngLat.lat, e.lngLat.distanceTo(map.unproject([e.point.x + finger, e.point.y])))
  map.on('mousemove', over)
  map.on('click', over)
  map.on('mouseout', () => o.onLeave?.())
  let later: (() => void)[] | undefined = [] // what is drawn before the style is there
  const whenStyled = (what: () => void) => (later ? void later.push(what) : what())
  map.once('style.load', () => {
    later?.forEach((what) => what())
    later = undefined
  })
  map.on('moveend', () => o.onMove?.(positionNow(map)))
  map.on('idle', () => named && o.onIdle?.())
  map.on('click', (e) => o.onPick?.(e.lngLat.lng, e.lngLat.lat, hitAt(map, e)))
  if (o.onPut) dragPointed(map, o.onPut)
  for (const [layer] of pickable) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'))
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''))
  }

  return {
    fly(to) {
      const animate = !matchMedia('(prefers-reduced-motion: reduce)').matches
      if ('box' in to) map.fitBounds(to.box, { padding: room(map, o.quiet), maxZoom: 15, animate })
      else map.easeTo({ center: [to.lon, to.lat], zoom: to.zoom ?? Math.max(map.getZoom(), 13), animate })
    },
    select(what) {
      selected = what
      if (map.isStyleLoaded() || map.getLayer('selected-line')) showSelected()
    },
    draw: (things) => whenStyled(() => draw(map, things)),
    point: (at) => whenStyled(() => point(map, at)),
    refreshCoverage: () => map.getSource<VectorTileSource>('coverage')?.setTiles(tilesOf('coverage', Date.now())),
    resize: () => map.resize(),
    close() {
      gone.abort()
      map.remove()
    },
  }
}

function positionNow(map: MapLibre): Position {
  const c = map.getCenter()
  return { lon: c.lng, lat: c.lat, zoom: map.getZoom() }
}

/** The margins that keep a box clear of the details: on the left of a wide map, at the foot of a narrow one. */
function room(map: MapLibre, quiet = false): PaddingOptions {
  const { clientWidth: width, clientHeight: height } = map.getContainer()
  if (quiet) return { top: 32, bottom: 32, left: 32, right: 32 }
  return width < 700 ? { top: 72, bottom: Math.round(height * 0.54), left: 24, right: 24 } : { top: 72, bottom: 64, left: 430, right: 64 }
}

/** What was clicked: the nearest precise thing within reach. */
function hitAt(map: MapLibre, e: MapMouseEvent): Selection | undefined {
  const found = map.queryRenderedFeatures(
    [
      [e.point.x - reach, e.point.y - reach],
      [e.point.x + reach, e.point.y + reach],
    ],
    { layers: pickable.map(([layer]) => layer) },
  )
  for (const [layer, kind] of pickable) {
    const id = found.find((f) => f.layer.id === layer)?.properties.id
    if (id !== undefined) return { kind, id: String(id) }
  }
  return undefined
}
