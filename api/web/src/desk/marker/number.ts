/** A number as it was typed: the text itself where it is none, which the server refuses with a sentence. */
export const numberOf = (text: string): unknown => (text.trim() !== '' && isFinite(+text) ? +text : text)

/** A position as it was typed: longitude, latitude and the height where one was; null for none. */
export const positionOf = (p: { lon: string; lat: string; height: string }): unknown[] | null =>
  p.lon.trim() || p.lat.trim() ? [numberOf(p.lon), numberOf(p.lat), ...(p.height.trim() ? [numberOf(p.height)] : [])] : null
