import { type Area, outerRings } from './anchor'

// Which of the six tints each county gets: never that of a county it touches. Coordinates are degrees [lon, lat].

const cell = 0.01 // degrees, about 1 km: edges that should be one and do not quite match still meet

/** A tint for each area, numbered from 0. Two areas that touch, or come within a cell of each other, have different ones. */
export function tintsOf(areas: readonly { id: string; geometry: Area | null }[], tints = 6): Map<string, number> {
  const beside = neighbours(areas)
  const tint = new Map<string, number>()
  const uses = new Array<number>(tints).fill(0)
  for (const id of smallestLast(beside)) {
    const taken = new Set([...beside.get(id)!].map((n) => tint.get(n)))
    const free = uses.map((n, i) => [n, i] as const).filter(([, i]) => !taken.has(i))
    const [, best] = (free.length ? free : uses.map((n, i) => [n, i] as const)).reduce((a, b) => (b[0] < a[0] ? b : a))
    tint.set(id, best)
    uses[best]!++
  }
  return tint
}

function neighbours(areas: readonly { id: string; geometry: Area | null }[]): Map<string, Set<string>> {
  const beside = new Map(areas.map((a) => [a.id, new Set<string>()]))
  const owners = new Map<number, string[]>() // by cell
  for (const { id, geometry } of areas) {
    cellsAlong(geometry, (key) => {
      const there = owners.get(key)
      if (!there) owners.set(key, [id])
      else if (there[there.length - 1] !== id) {
        for (const other of there) {
          beside.get(id)!.add(other)
          beside.get(other)!.add(id)
        }
        there.push(id)
      }
    })
  }
  return beside
}

/** Visits the cells that the outline of an area runs through, some more than once. Numbers for keys: a map has no time for texts. */
function cellsAlong(area: Area | null, visit: (key: number) => void): void {
  let last = NaN
  for (const ring of outerRings(area)) {
    for (let i = 1; i < ring.length; i++) {
      const [x1 = 0, y1 = 0] = ring[i - 1]!
      const [x2 = 0, y2 = 0] = ring[i]!
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)) / cell))
      for (let k = 1; k <= steps; k++) {
        const key = Math.round((x1 + ((x2 - x1) * k) / steps) / cell) * 100_000 + Math.round((y1 + ((y2 - y1) * k) / steps) / cell)
        if (key !== last) visit((last = key))
      }
    }
  }
}

/** The order in which six tints suffice for any map: who has the fewest neighbours left is taken off first and tinted last. */
function smallestLast(beside: Map<string, Set<string>>): string[] {
  const left = new Map([...beside].map(([id, n]) => [id, n.size]))
  const order: string[] = []
  while (left.size) {
    const [least] = [...left].reduce((a, b) => (b[1] < a[1] ? b : a))
    left.delete(least)
    order.push(least)
    for (const n of beside.get(least)!) if (left.has(n)) left.set(n, left.get(n)! - 1)
  }
  return order.reverse()
}
