/** Draws pictures of shapes from seeds. Training, tests and demonstrations take their labelled pictures from here. */

import { type Random, seeded } from '../../compiler/running/seeded.ts'
import { between, divided, OUTLINES, type Outline, type Point, signedDistance, turned } from './outlines.ts'

/** The classes by index. The network's outputs and `labels.txt` have the same order. */
export const LABELS: readonly string[] = Object.keys(OUTLINES)

/** Like the web's ImageData: RGBA bytes, row by row from the top. Every pixel is opaque. */
export interface Drawing {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/**
 * Draws one picture, `side` × `side` pixels, of the class `label` (an index into `LABELS`).
 * Place, size, rotation, bend, colours and noise come from the seed. So does the thing that covers at most 15 % of the shape.
 * Another `side` gives the same picture with more or fewer pixels. Only the noise differs, because it is per pixel.
 * Equal arguments give equal bytes. Throws `RangeError` if there is no such label.
 */
export function drawShape(label: number, seed: number, side = 64): Drawing {
  const outlineOf = OUTLINES[LABELS[label] ?? '']
  if (!outlineOf) throw new RangeError(`label: expected an integer from 0 to ${LABELS.length - 1}, got ${label}`)
  const random = seeded(seed)
  const placement = place(random)
  const outline = placed(outlineOf(random), placement, random)
  const background = drawBackground(random)
  const paint = layers(outline, placement, background, random, side)
  return render(background, paint, random, side)
}

type Colour = readonly [red: number, green: number, blue: number]

/** Lengths are in units of the picture's side. */
interface Placement {
  readonly centre: Point
  readonly radius: number
}

function place(random: Random): Placement {
  const radius = between(random, 0.25, 0.43)
  const room = 0.5 - radius
  return { radius, centre: { x: 0.5 + room * between(random, -1, 1), y: 0.5 + room * between(random, -1, 1) } }
}

/** Stretches, bends, turns and places an outline. */
function placed(outline: Outline, { centre, radius }: Placement, random: Random): Outline {
  const stretch = between(random, 0.88, 1)
  const angle = between(random, 0, 2 * Math.PI)
  const bend = bent(random)
  return divided(outline, 0.3).map((p) => {
    const { x, y } = turned(bend({ x: p.x * stretch, y: p.y }), angle)
    return { x: centre.x + radius * x, y: centre.y + radius * y }
  })
}

/** Bends an outline by a slow wave in each direction, as if a hand had drawn it. */
function bent(random: Random): (p: Point) => Point {
  const strength = between(random, 0, 0.06)
  const [along, across, first, second] = [between(random, 1, 4), between(random, 1, 4), between(random, 0, 7), between(random, 0, 7)]
  return ({ x, y }) => ({ x: x + strength * Math.sin(along * y + first), y: y + strength * Math.sin(across * x + second) })
}

/** A gradient between two colours along a direction. The colours may be equal. */
interface Background {
  readonly from: Colour
  readonly to: Colour
  readonly direction: Point
}

function drawBackground(random: Random): Background {
  const from = random.uniform() < 0.25 ? paper(random) : anyColour(random)
  const reach = random.uniform() < 0.4 ? 0 : 60
  const to = shifted(from, () => between(random, -reach, reach))
  return { from, to, direction: turned({ x: 1, y: 0 }, between(random, 0, 2 * Math.PI)) }
}

const byte = (value: number): number => Math.max(0, Math.min(255, value))

function shifted([r, g, b]: Colour, by: () => number): Colour {
  return [byte(r + by()), byte(g + by()), byte(b + by())]
}

/** A grey that is almost white or almost black. */
function paper(random: Random): Colour {
  const grey = random.uniform() < 0.7 ? between(random, 225, 255) : between(random, 0, 30)
  return [grey, grey, grey]
}

const anyColour = (random: Random): Colour => [256 * random.uniform(), 256 * random.uniform(), 256 * random.uniform()]

const luma = ([r, g, b]: Colour): number => 0.299 * r + 0.587 * g + 0.114 * b

const apart = (a: Colour, b: Colour): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])

/** The least Euclidean distance between a colour and the colour that it is drawn on. */
const CONTRAST = 110
/** The least difference of their brightness. */
const BRIGHTNESS = 35

/** A colour that stands out from all the others. It is black or white if 40 attempts find none. */
function contrasting(others: readonly Colour[], random: Random): Colour {
  for (let attempt = 0; attempt < 40; attempt++) {
    const colour = anyColour(random)
    if (others.every((o) => apart(o, colour) >= CONTRAST && Math.abs(luma(o) - luma(colour)) >= BRIGHTNESS)) return colour
  }
  return luma(others[0] as Colour) > 127 ? [0, 0, 0] : [255, 255, 255]
}

/** A colour, and how much of each pixel it covers, from 0 to 1. */
interface Layer {
  readonly coverage: Float32Array
  readonly colour: Colour
}

/** Distance to an outline in units of the side. It is negative inside. */
type Field = (x: number, y: number) => number

/** The field at the centre of each pixel. */
function sampled(field: Field, side: number): Float64Array {
  const distances = new Float64Array(side * side)
  for (let i = 0, row = 0; row < side; row++) {
    for (let column = 0; column < side; column++, i++) distances[i] = field((column + 0.5) / side, (row + 0.5) / side)
  }
  return distances
}

/** How much of each pixel lies inside, from 0 to 1. The edge is antialiased over one pixel. */
function cover(distances: Float64Array, side: number): Float32Array {
  return new Float32Array(distances.length).map((_, i) => Math.max(0, Math.min(1, 0.5 - (distances[i] as number) * side)))
}

/** The distance to an outline. Far from the outline, it is the distance to a circle around it, which is faster to compute. */
function near(outline: Outline, centre: Point): Field {
  const reach = Math.max(...outline.map((p) => Math.hypot(p.x - centre.x, p.y - centre.y)))
  return (x, y) => {
    const outside = Math.sqrt((x - centre.x) ** 2 + (y - centre.y) ** 2) - reach
    return outside > 0.1 ? outside : signedDistance(outline, x, y)
  }
}

type Style = 'filled' | 'outlined' | 'hollow'

function styleOf(random: Random): Style {
  const choice = random.uniform()
  if (choice < 0.45) return 'filled'
  return choice < 0.72 ? 'outlined' : 'hollow'
}

/** Layers of the shape in its style. In half the pictures, one more layer covers a part of it. */
function layers(outline: Outline, placement: Placement, background: Background, random: Random, side: number): Layer[] {
  const { centre, radius } = placement
  const style = styleOf(random)
  const half = radius * between(random, 0.05, 0.09)
  const ink = contrasting([background.from, background.to], random)
  const distances = sampled(near(outline, centre), side)
  const inside = style === 'hollow' ? null : cover(distances, side)
  const line =
    style === 'filled'
      ? null
      : cover(
          distances.map((d) => Math.abs(d) - half),
          side,
        )
  const shape: Layer[] = []
  if (inside) shape.push({ coverage: inside, colour: ink })
  if (line) shape.push({ coverage: line, colour: inside ? contrasting([ink], random) : ink })
  const front = random.uniform() < 0.5 ? occlusion(inside ?? (line as Float32Array), centre, radius, random, side) : null
  return front ? [...shape, front] : shape
}

/** The largest share of a shape that may be covered. */
export const MOST_COVERED = 0.15

/** A bar or a disc over a part of the shape. It shrinks until it covers at most `MOST_COVERED` of the shape. Null if it becomes too small. */
function occlusion(shape: Float32Array, centre: Point, radius: number, random: Random, side: number): Layer | null {
  const fieldOf = random.uniform() < 0.5 ? bar(centre, radius, random) : blob(centre, radius, random)
  const colour = anyColour(random)
  for (let extent = radius * between(random, 0.08, 0.35); extent > 0.5 / side; extent *= 0.8) {
    const coverage = cover(sampled(fieldOf(extent), side), side)
    if (shareCovered(shape, coverage) <= MOST_COVERED) return { coverage, colour }
  }
  return null
}

function shareCovered(shape: Float32Array, front: Float32Array): number {
  let [covered, all] = [0, 0]
  for (let i = 0; i < shape.length; i++) {
    const painted = shape[i] as number
    all += painted
    covered += painted * (front[i] as number)
  }
  return covered / all
}

/** A bar across the whole picture. The result makes its field from half its width. */
function bar(centre: Point, radius: number, random: Random): (half: number) => Field {
  const normal = turned({ x: 1, y: 0 }, between(random, 0, 2 * Math.PI))
  const offset = radius * between(random, -0.9, 0.9)
  return (half) => (x, y) => Math.abs((x - centre.x) * normal.x + (y - centre.y) * normal.y - offset) - half
}

/** A disc. The result makes its field from its radius. */
function blob(centre: Point, radius: number, random: Random): (extent: number) => Field {
  const at = turned({ x: radius * between(random, 0.2, 1), y: 0 }, between(random, 0, 2 * Math.PI))
  return (extent) => (x, y) => Math.hypot(x - centre.x - at.x, y - centre.y - at.y) - extent
}

/** Paints the layers over the background, and adds noise to everything. The noise is the sum of two uniform values, at most ±24. */
function render(background: Background, paint: readonly Layer[], random: Random, side: number): Drawing {
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  const noise = random.uniform() < 0.3 ? 0 : between(random, 0, 24)
  for (let i = 0; i < side * side; i++) {
    const share = along(background.direction, ((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side)
    for (let channel = 0; channel < 3; channel++) {
      const from = background.from[channel] as number
      let value = from + ((background.to[channel] as number) - from) * share
      for (const { coverage, colour } of paint) value += ((colour[channel] as number) - value) * (coverage[i] as number)
      data[4 * i + channel] = value + noise * (random.uniform() + random.uniform() - 1)
    }
  }
  return { data, width: side, height: side }
}

/** The position of a point along a gradient. It goes from 0 to 1 over the whole picture. */
function along(direction: Point, x: number, y: number): number {
  return Math.max(0, Math.min(1, 0.5 + ((x - 0.5) * direction.x + (y - 0.5) * direction.y) / Math.SQRT2))
}
