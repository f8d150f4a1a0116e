/** The line a GeoJSON text holds: a geometry, a feature, or the first feature of several; undefined where it holds none. */
export function courseIn(text: string): unknown {
  let it: any // eslint-disable-line @typescript-eslint/no-explicit-any
  try {
    it = JSON.parse(text)
  } catch {
    return undefined
  }
  if (it?.type === 'FeatureCollection') it = it.features?.length === 1 ? it.features[0] : undefined
  if (it?.type === 'Feature') it = it.geometry
  return it?.type === 'LineString' || it?.type === 'MultiLineString' ? { type: it.type, coordinates: it.coordinates } : undefined
}

type Shape = { type: string; coordinates: unknown }
const partsOf = (g: Shape) => (g.type === 'LineString' ? [g.coordinates] : g.coordinates) as [number, number][][]

/** The stretches of an agreed course whose positions are none of today's line. */
export function departing(agreed: Shape, today: Shape): [number, number][][] {
  const there = new Set(partsOf(today).flat().map(String))
  const out: [number, number][][] = []
  for (const part of partsOf(agreed)) {
    let on = true // the last position is one of today's line
    part.forEach((p, i) => {
      const known = there.has(String(p))
      if (!known && on) out.push(i > 0 ? [part[i - 1]!, p] : [p])
      else if (!known || !on) out.at(-1)!.push(p)
      on = known
    })
  }
  return out.filter((stretch) => stretch.length > 1)
}

/** The end of a course that is nearest to a place; undefined where there is no course. */
export function nearestEnd(course: unknown, at: [number, number]): [number, number] | undefined {
  const shape = course as Shape | undefined
  if (!shape?.coordinates) return undefined
  const apart = (p: [number, number]) => Math.hypot((p[0] - at[0]) * Math.cos((at[1] * Math.PI) / 180), p[1] - at[1])
  return partsOf(shape)
    .flatMap((part) => [part[0]!, part.at(-1)!])
    .sort((a, b) => apart(a) - apart(b))[0]
}
