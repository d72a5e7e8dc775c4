/** The classes, each as a closed outline. The y axis points down. A shape lies within about one unit of the origin. */

import type { Random } from '../../compiler/running/seeded.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A closed polygon; the last point joins the first. */
export type Outline = readonly Point[]

/** A uniform value in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** Points on a circle from one angle to another, in radians; both ends are included. */
function arc(centre: Point, radius: number, from: number, to: number, points = 24): Point[] {
  return Array.from({ length: points }, (_, i) => {
    const angle = from + ((to - from) * i) / (points - 1)
    return { x: centre.x + radius * Math.cos(angle), y: centre.y + radius * Math.sin(angle) }
  })
}

const polygon = (...corners: readonly (readonly [number, number])[]): Point[] => corners.map(([x, y]) => ({ x, y }))

const ORIGIN: Point = { x: 0, y: 0 }

/** A star with `corners` outer points on the unit circle, and as many inner points at the radius `inner`. */
function starOf(corners: number, inner: number): Point[] {
  return Array.from({ length: 2 * corners }, (_, i) => {
    const angle = (Math.PI * i) / corners - Math.PI / 2
    const radius = i % 2 === 0 ? 1 : inner
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  })
}

/** An arrow to the right: a shaft, and a head from `neck` to the tip. */
function arrow(shaft: number, neck: number, head: number): Point[] {
  return polygon([-1, -shaft], [neck, -shaft], [neck, -head], [1, 0], [neck, head], [neck, shaft], [-1, shaft])
}

function cross(arm: number): Point[] {
  const quarter = polygon([arm, -arm], [arm, -1], [-arm, -1])
  return [0, 1, 2, 3].flatMap((turns) => quarter.map((p) => turned(p, (-Math.PI / 2) * turns)))
}

/** The point turned around the origin by `angle`, in radians. */
export function turned({ x, y }: Point, angle: number): Point {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return { x: c * x - s * y, y: s * x + c * y }
}

/** The well-known heart curve of sines and cosines, scaled to the unit circle. */
function heart(): Point[] {
  return Array.from({ length: 40 }, (_, i) => {
    const t = (2 * Math.PI * i) / 40
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t)
    return { x: (16 * Math.sin(t) ** 3) / 17, y: -(y + 2.5) / 17 }
  })
}

/** The unit disc without the disc of `radius` around (`offset`, 0). Their edges meet in two points. */
function crescent(offset: number, radius: number): Point[] {
  const x = (1 - radius ** 2 + offset ** 2) / (2 * offset)
  const y = Math.sqrt(1 - x ** 2)
  const outer = Math.atan2(y, x)
  const inner = Math.atan2(y, x - offset)
  return [...arc(ORIGIN, 1, outer, 2 * Math.PI - outer), ...arc({ x: offset, y: 0 }, radius, -inner, inner - 2 * Math.PI).slice(1, -1)]
}

/** A disc and the tangents to it from the tip at (0, -1). */
function drop(radius: number): Point[] {
  const centre = { x: 0, y: 1 - radius }
  const touch = Math.acos(radius / (1 + centre.y))
  return [{ x: 0, y: -1 }, ...arc(centre, radius, touch - Math.PI / 2, 1.5 * Math.PI - touch)]
}

const bolt = (): Point[] => polygon([0.05, -1], [-0.6, 0.2], [-0.08, 0.2], [-0.3, 1], [0.6, -0.3], [0.12, -0.3], [0.55, -1])

function hourglass(waist: number): Point[] {
  return polygon([-0.75, -0.9], [0.75, -0.9], [waist, 0], [0.75, 0.9], [-0.75, 0.9], [-waist, 0])
}

function semicircle(): Point[] {
  return arc({ x: 0, y: 0.45 }, 1, -Math.PI, 0)
}

/** The outline of each class; the random source varies it. No two classes look alike when turned, mirrored, stretched a little, or drawn only as a line. */
export const OUTLINES: Readonly<Record<string, (random: Random) => Outline>> = {
  circle: () => arc(ORIGIN, 0.9, 0, (2 * Math.PI * 39) / 40, 40),
  square: () => polygon([-0.75, -0.75], [0.75, -0.75], [0.75, 0.75], [-0.75, 0.75]),
  triangle: (random) => polygon([between(random, -0.2, 0.2), -1], [0.9, 0.6], [-0.9, 0.6]),
  star: (random) => starOf(5, between(random, 0.36, 0.5)),
  arrow: (random) => arrow(between(random, 0.1, 0.24), between(random, 0, 0.3), between(random, 0.55, 0.75)),
  heart,
  cross: (random) => cross(between(random, 0.16, 0.34)),
  crescent: (random) => crescent(between(random, 0.4, 0.6), between(random, 0.75, 0.85)),
  semicircle,
  drop: (random) => drop(between(random, 0.5, 0.6)),
  bolt,
  hourglass: (random) => hourglass(between(random, 0.06, 0.16)),
}

/** The same outline with its edges divided into pieces no longer than `longest`, so that it can be bent. */
export function divided(outline: Outline, longest: number): Point[] {
  return outline.flatMap((a, i) => {
    const b = outline[(i + 1) % outline.length] as Point
    const pieces = Math.max(1, Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / longest))
    return Array.from({ length: pieces }, (_, k) => ({ x: a.x + ((b.x - a.x) * k) / pieces, y: a.y + ((b.y - a.y) * k) / pieces }))
  })
}

/** Distance to the outline. It is negative inside, by the even-odd rule. */
export function signedDistance(outline: Outline, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY
  let inside = false
  let a = outline[outline.length - 1] as Point
  for (const b of outline) {
    const ex = b.x - a.x
    const ey = b.y - a.y
    const px = x - a.x
    const py = y - a.y
    const along = Math.max(0, Math.min(1, (px * ex + py * ey) / (ex * ex + ey * ey)))
    const dx = px - along * ex
    const dy = py - along * ey
    const square = dx * dx + dy * dy
    if (square < nearest) nearest = square
    if (a.y > y !== b.y > y && px < (ex * py) / ey) inside = !inside
    a = b
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest)
}
