import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from 'maplibre-gl'
import { point } from './drawn'

/** Lets the place pointed at be dragged by mouse or finger, and says where it is put down. */
export function dragPointed(map: MapLibre, onPut: (lon: number, lat: number) => void): void {
  const grip = 'pointed-grip'
  let at: [lon: number, lat: number] | undefined

  function move(e: MapMouseEvent | MapTouchEvent): void {
    at = [e.lngLat.lng, e.lngLat.lat]
    point(map, at)
  }
  function follow(e: MapMouseEvent | MapTouchEvent, moving: 'mousemove' | 'touchmove', ends: string[]): void {
    e.preventDefault() // or the map would follow
    const ended = new AbortController()
    at = undefined
    map.on(moving, move)
    const put = () => {
      ended.abort()
      map.off(moving, move)
      map.getCanvas().style.cursor = ''
      if (at) onPut(...at)
    }
    for (const end of ends) window.addEventListener(end, put, { signal: ended.signal }) // it may end outside of the map
  }
  map.on('mousedown', grip, (e) => {
    map.getCanvas().style.cursor = 'grabbing'
    follow(e, 'mousemove', ['mouseup', 'blur'])
  })
  map.on('touchstart', grip, (e) => {
    if (e.points.length === 1) follow(e, 'touchmove', ['touchend', 'touchcancel'])
  })
  map.on('mouseenter', grip, () => (map.getCanvas().style.cursor = 'grab'))
  map.on('mouseleave', grip, () => (map.getCanvas().style.cursor = ''))
}
