import { colours } from './colours'

const scale = 2 // drawn at twice the size, for dense screens

export interface Symbol {
  name: string
  data: ImageData
  pixelRatio: number
}

/** Every point symbol of the map, drawn here so that no picture is fetched. */
export function symbols(): Symbol[] {
  return [
    draw('stone', 16, 20, (c) => stone(c, false)),
    draw('stone-synthetic', 16, 20, (c) => stone(c, true)),
    draw('division', 12, 12, seat),
    draw('settlement', 9, 9, (c) => dot(c, colours.settlement)),
    draw('natural', 12, 11, peak),
    draw('facility', 9, 9, square),
  ]
}

function draw(name: string, width: number, height: number, paint: (c: CanvasRenderingContext2D) => void): Symbol {
  const canvas = document.createElement('canvas')
  canvas.width = width * scale
  canvas.height = height * scale
  const c = canvas.getContext('2d', { willReadFrequently: true })
  if (!c) throw new Error('no 2D canvas')
  c.scale(scale, scale)
  paint(c)
  return { name, data: c.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: scale }
}

/** A boundary stone standing on its foot; hollow and dashed when it is only an example. */
function stone(c: CanvasRenderingContext2D, synthetic: boolean): void {
  c.lineWidth = 1.6
  c.strokeStyle = colours.stone
  c.fillStyle = synthetic ? '#ffffff' : colours.stone
  if (synthetic) c.setLineDash([2.4, 1.4])
  c.beginPath()
  c.moveTo(4, 16)
  c.lineTo(4, 5)
  c.lineTo(8, 1.5)
  c.lineTo(12, 5)
  c.lineTo(12, 16)
  c.closePath()
  c.fill()
  c.stroke()
  c.setLineDash([])
  c.beginPath()
  c.moveTo(1.5, 18)
  c.lineTo(14.5, 18)
  c.stroke()
}

function seat(c: CanvasRenderingContext2D): void {
  c.lineWidth = 1.3
  c.strokeStyle = colours.settlement
  c.fillStyle = '#ffffff'
  circle(c, 6, 6, 5)
  c.fill()
  c.stroke()
  c.fillStyle = colours.settlement
  circle(c, 6, 6, 2.2)
  c.fill()
}

function dot(c: CanvasRenderingContext2D, colour: string): void {
  c.lineWidth = 1.4
  c.strokeStyle = colour
  c.fillStyle = '#ffffff'
  circle(c, 4.5, 4.5, 3)
  c.fill()
  c.stroke()
}

function peak(c: CanvasRenderingContext2D): void {
  c.fillStyle = colours.natural
  c.beginPath()
  c.moveTo(6, 1)
  c.lineTo(11, 10)
  c.lineTo(1, 10)
  c.closePath()
  c.fill()
}

function square(c: CanvasRenderingContext2D): void {
  c.fillStyle = colours.facility
  c.fillRect(1.5, 1.5, 6, 6)
}

function circle(c: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  c.beginPath()
  c.arc(x, y, r, 0, Math.PI * 2)
}
