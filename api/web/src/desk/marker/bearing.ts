/** A grid bearing given in minutes of arc as records write it: 227°10′. */
export function bearingText(minutes: number): string {
  return `${Math.floor(minutes / 60)}°${String(minutes % 60).padStart(2, '0')}′`
}

/** The 3° planes of CGCS2000 around a longitude, its own zone first: with the zone number before Y and without it. */
export function planesAround(lon: number): { epsg: number; zone: number; meridian: number; prefixed: boolean }[] {
  const own = Math.floor(lon / 3 + 0.5)
  return [own, own - 1, own + 1].flatMap((zone) => [
    { epsg: 4513 + zone - 25, zone, meridian: 3 * zone, prefixed: true },
    { epsg: 4534 + zone - 25, zone, meridian: 3 * zone, prefixed: false },
  ])
}
