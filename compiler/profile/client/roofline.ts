/** The roofline plot: speed over arithmetic intensity, both logarithmic, under the measured ceilings. */

import type uPlot from 'uplot'
import type { Bandwidth, Ceilings, ProfileLayer } from '../analyse.ts'
import { chart, FONT, ratio } from './chart.ts'
import { cssColor } from './dom.ts'
import { bytes, digits } from './format.ts'
import type { View } from './view.ts'

const HEIGHT = 440
const HIT_RADIUS = 24

/** Speed of every layer against its multiply-adds per byte, under the ceilings of arithmetic and memory. */
export function rooflineChart(view: View): HTMLElement {
  const { ceilings } = view.profile
  const points = view.layers.filter(isPlotted)
  const extent = rangesOf(points, ceilings)
  return chart(view, {
    height: HEIGHT,
    x: { label: 'Arithmetic intensity (multiply-adds per byte)', range: extent.x, log: true },
    y: { label: 'Speed (GMAC/s)', range: extent.y, log: true },
    zoom: false,
    draw: (plot) => {
      drawRoofs(plot, ceilings, extent.x)
      for (const layer of [...points].sort((a, b) => b.share - a.share)) drawPoint(plot, layer, view)
    },
    layerAt: (plot, left, top) => nearest(plot, points, left, top),
  })
}

/** Steps without multiply-adds have no place on logarithmic axes. */
export function isPlotted(layer: ProfileLayer): boolean {
  return layer.macs > 0 && layer.intensity !== null && layer.gmacPerS > 0
}

interface Ranges {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
}

/** Everything, and the ridges where the roofs meet, with room around. */
function rangesOf(points: readonly ProfileLayer[], { gmacPerS, bandwidths }: Ceilings): Ranges {
  const ridge = (at: number): number => gmacPerS / (bandwidths.at(at) as Bandwidth).gbPerS
  const intensities = points.map((p) => p.intensity as number)
  const speeds = points.map((p) => p.gmacPerS)
  return {
    x: [Math.min(ridge(0) / 2, ...intensities.map((i) => i / 2)), Math.max(ridge(-1) * 10, ...intensities.map((i) => i * 1.6))],
    y: [Math.min(gmacPerS / 20, ...speeds.map((s) => s / 1.8)), Math.max(gmacPerS, ...speeds) * 1.7],
  }
}

function drawRoofs(plot: uPlot, ceilings: Ceilings, [low, high]: readonly [number, number]): void {
  const { gmacPerS, bandwidths } = ceilings
  const [nearest, farthest] = [bandwidths[0] as Bandwidth, bandwidths.at(-1) as Bandwidth]
  const label = ({ gbPerS, bytes: size }: Bandwidth): string => `reads of ${bytes(size)}: ${digits(gbPerS)} GB/s`
  drawSlope(plot, low, farthest.gbPerS, gmacPerS, label(farthest), 'below', [])
  if (nearest !== farthest) drawSlope(plot, low, nearest.gbPerS, gmacPerS, label(nearest), 'above', [5, 4])
  const ridge = gmacPerS / nearest.gbPerS
  line(plot, [ridge, gmacPerS], [high, gmacPerS], [])
  text(plot, `multiply-adds in registers: ${digits(gmacPerS)} GMAC/s`, [high, gmacPerS], { angle: 0, side: 'above', align: 'right' })
}

function drawSlope(plot: uPlot, low: number, rate: number, top: number, name: string, side: 'above' | 'below', dash: number[]): void {
  const from: Place = [low, low * rate]
  const to: Place = [top / rate, top]
  line(plot, from, to, dash)
  const [[x0, y0], [x1, y1]] = [pixels(plot, from), pixels(plot, to)]
  const angle = Math.atan2(y1 - y0, x1 - x0)
  if (side === 'above') text(plot, name, to, { angle, side, align: 'right' })
  else text(plot, name, from, { angle, side, align: 'left' })
}

type Place = readonly [x: number, y: number]

function pixels(plot: uPlot, [x, y]: Place): Place {
  return [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)]
}

function line(plot: uPlot, from: Place, to: Place, dash: number[]): void {
  const { ctx } = plot
  ctx.beginPath()
  ctx.moveTo(...pixels(plot, from))
  ctx.lineTo(...pixels(plot, to))
  ctx.setLineDash(dash.map((d) => d * ratio()))
  ctx.strokeStyle = cssColor('roof')
  ctx.lineWidth = 1.5 * ratio()
  ctx.stroke()
  ctx.setLineDash([])
}

interface TextStyle {
  readonly angle: number
  readonly side: 'above' | 'below'
  readonly align: CanvasTextAlign
}

function text(plot: uPlot, content: string, at: Place, { angle, side, align }: TextStyle): void {
  const { ctx } = plot
  ctx.save()
  ctx.translate(...pixels(plot, at))
  ctx.rotate(angle)
  ctx.font = FONT.replace('12px', `${12 * ratio()}px`)
  ctx.fillStyle = cssColor('muted')
  ctx.textAlign = align
  ctx.textBaseline = side === 'above' ? 'bottom' : 'top'
  ctx.fillText(content, (align === 'right' ? -10 : 10) * ratio(), (side === 'above' ? -5 : 6) * ratio())
  ctx.restore()
}

/** The area is the share of the run's time. CSS pixels. */
function radius({ share }: ProfileLayer): number {
  return 4 + 34 * Math.sqrt(share / Math.PI)
}

function drawPoint(plot: uPlot, layer: ProfileLayer, view: View): void {
  const { ctx } = plot
  const current = view.current === layer.index
  const color = view.color(layer.family)
  ctx.beginPath()
  ctx.arc(...pixels(plot, [layer.intensity as number, layer.gmacPerS]), radius(layer) * ratio(), 0, 2 * Math.PI)
  ctx.globalAlpha = current ? 1 : 0.55
  ctx.fillStyle = color
  ctx.fill()
  ctx.globalAlpha = 1
  ctx.strokeStyle = current ? cssColor('ink') : color
  ctx.lineWidth = (current ? 2.5 : 1.2) * ratio()
  ctx.stroke()
}

function nearest(plot: uPlot, points: readonly ProfileLayer[], left: number, top: number): number | null {
  const distance = (p: ProfileLayer): number => {
    const [x, y] = [plot.valToPos(p.intensity as number, 'x'), plot.valToPos(p.gmacPerS, 'y')]
    return Math.hypot(x - left, y - top)
  }
  const ranked = points.map((p) => ({ index: p.index, away: distance(p) })).sort((a, b) => a.away - b.away)
  const [first] = ranked
  return first && first.away <= HIT_RADIUS ? first.index : null
}
