/** The timeline: steps in order, as wide as they are long, as high as they are fast; areas are multiply-adds. */

import type uPlot from 'uplot'
import type { ProfileLayer } from '../analyse.ts'
import { chart, FONT, ratio } from './chart.ts'
import { cssColor } from './dom.ts'
import { digits } from './format.ts'
import type { View } from './view.ts'

const HEIGHT = 320
/** Even steps without multiply-adds are seen. CSS pixels. */
const LEAST_HEIGHT = 5

interface Bar {
  readonly layer: ProfileLayer
  /** Milliseconds. */
  readonly begin: number
  readonly end: number
}

/** Layers side by side: as wide as the time they take, as high as their speed. */
export function timelineChart(view: View): HTMLElement {
  const bars = barsOf(view.layers)
  const peak = view.profile.ceilings.gmacPerS
  const top = Math.max(peak, ...view.layers.map((l) => l.gmacPerS)) * 1.15
  return chart(view, {
    height: HEIGHT,
    x: { label: 'Time (ms), sum of medians', range: [0, bars.at(-1)?.end || 1] },
    y: { label: 'Speed (GMAC/s)', range: [0, top] },
    zoom: true,
    draw: (plot) => {
      for (const bar of bars) drawBar(plot, bar, view)
      drawPeak(plot, peak)
    },
    layerAt: (plot, left) => {
      const time = plot.posToVal(left, 'x')
      return bars.find((b) => time >= b.begin && time < b.end)?.layer.index ?? null
    },
  })
}

function barsOf(layers: readonly ProfileLayer[]): Bar[] {
  let time = 0
  return layers.map((layer) => {
    const begin = time
    time += layer.medianUs / 1e3
    return { layer, begin, end: time }
  })
}

function drawBar(plot: uPlot, { layer, begin, end }: Bar, view: View): void {
  const { ctx } = plot
  const [x0, x1] = [plot.valToPos(begin, 'x', true), plot.valToPos(end, 'x', true)]
  const base = plot.valToPos(0, 'y', true)
  const y = Math.min(plot.valToPos(layer.gmacPerS, 'y', true), base - LEAST_HEIGHT * ratio())
  const current = view.current === layer.index
  const gap = x1 - x0 > 3 * ratio() ? ratio() : 0
  ctx.fillStyle = view.color(layer.family)
  ctx.globalAlpha = view.current === null || current ? 1 : 0.45
  ctx.fillRect(x0, y, Math.max(x1 - x0 - gap, 0.5), base - y)
  ctx.globalAlpha = 1
}

function drawPeak(plot: uPlot, peak: number): void {
  const { ctx, bbox } = plot
  const y = plot.valToPos(peak, 'y', true)
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.setLineDash([5 * ratio(), 4 * ratio()])
  ctx.strokeStyle = cssColor('roof')
  ctx.lineWidth = 1.5 * ratio()
  ctx.stroke()
  ctx.setLineDash([])
  ctx.font = FONT.replace('12px', `${12 * ratio()}px`)
  ctx.fillStyle = cssColor('muted')
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.fillText(`multiply-adds in registers: ${digits(peak)} GMAC/s`, bbox.left + bbox.width - 10 * ratio(), y - 5 * ratio())
}
