/** What the charts have in common: axes in the page's colours, a tip beside the pointer, drawing and redrawing. */

import uPlot from 'uplot'
import type { ProfileLayer } from '../analyse.ts'
import { cssColor, el } from './dom.ts'
import { bytes, count, digits, duration, percent } from './format.ts'
import type { View } from './view.ts'

export interface ChartSpec {
  readonly height: number
  readonly x: { readonly label: string; readonly range: readonly [number, number]; readonly log?: boolean }
  readonly y: { readonly label: string; readonly range: readonly [number, number]; readonly log?: boolean }
  /** Dragging selects a part of the horizontal axis; a double click shows all of it again. */
  readonly zoom: boolean
  /** Draws everything but the axes, in canvas pixels. */
  draw(plot: uPlot): void
  /** The layer at a place of the plotting area in CSS pixels. */
  layerAt(plot: uPlot, left: number, top: number): number | null
}

export const FONT = '12px system-ui, sans-serif'

/** Canvas pixels per CSS pixel. */
export const ratio = (): number => uPlot.pxRatio

/** A plot with hand-drawn marks, a tooltip, and a link from each mark to its row of the table. */
export function chart(view: View, spec: ChartSpec): HTMLElement {
  const place = el('div', 'plot')
  const tip = el('div', 'tip')
  tip.hidden = true
  const plot = new uPlot(options(view, spec, tip), [[...spec.x.range], [...spec.y.range]], place)
  plot.over.append(tip)
  plot.over.addEventListener('mouseleave', () => view.point(null))
  plot.over.addEventListener('click', () => view.current !== null && reveal(view.current))
  view.onPoint(() => plot.redraw(false))
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: spec.height })).observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false, true))
  return place
}

function options(view: View, spec: ChartSpec, tip: HTMLElement): uPlot.Options {
  const pointAt = (plot: uPlot): void => {
    const { left = -1, top = -1 } = plot.cursor
    const index = left < 0 ? null : spec.layerAt(plot, left, top)
    view.point(index)
    showTip(tip, index === null ? null : (view.layers[index] as ProfileLayer), left, top, plot.over)
  }
  return {
    width: 800,
    height: spec.height,
    legend: { show: false },
    scales: { x: scale(spec.x, spec.zoom), y: scale(spec.y, false) },
    axes: [axis(spec.x, 40), axis(spec.y, 52)],
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: { drag: { x: spec.zoom, y: false, setScale: spec.zoom }, points: { show: false }, x: false, y: false },
    hooks: { draw: [(plot) => clipped(plot, () => spec.draw(plot))], setCursor: [pointAt] },
  }
}

function scale({ range, log }: ChartSpec['x'], zoom: boolean): uPlot.Scale {
  const [low, high] = range
  return { time: false, distr: log ? 3 : 1, range: (_, min, max) => (zoom ? [min, max] : [low, high]) }
}

function axis({ label, range, log }: ChartSpec['x'], size: number): uPlot.Axis {
  const line = { stroke: () => cssColor('grid'), width: 1 }
  const ink = { font: FONT, labelFont: FONT, stroke: () => cssColor('muted') }
  const marks = log ? { splits: () => oneTwoFive(range), values: (_: uPlot, splits: number[]) => splits.map(String), filter: keep } : {}
  return { label, size, labelSize: 24, labelGap: 2, ...ink, ...marks, grid: line, ticks: { ...line, size: 5 } }
}

const keep = (_: uPlot, splits: number[]): number[] => splits

/** …, 0.5, 1, 2, 5, 10, … in the range. */
function oneTwoFive([low, high]: readonly [number, number]): number[] {
  const decades = Array.from({ length: 24 }, (_, i) => i - 12)
  const all = decades.flatMap((d) => [1, 2, 5].map((m) => Number(`${m}e${d}`)))
  return all.filter((x) => x >= low && x <= high)
}

function clipped({ ctx, bbox }: uPlot, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw()
  ctx.restore()
}

const TIP_WIDTH = 300

function showTip(tip: HTMLElement, layer: ProfileLayer | null, left: number, top: number, area: HTMLElement): void {
  tip.hidden = layer === null
  if (!layer) return
  tip.replaceChildren(el('strong', '', layer.layer), el('code', '', layer.kernel), ...facts(layer).map((text) => el('span', '', text)))
  const [right, below] = [left + 16 + TIP_WIDTH <= area.clientWidth, top <= area.clientHeight / 2]
  tip.style.left = `${Math.max(0, right ? left + 16 : left - 16 - TIP_WIDTH)}px`
  tip.style.top = `${below ? top + 14 : top - 14 - tip.offsetHeight}px`
}

function facts(layer: ProfileLayer): string[] {
  const { bound, ofCeiling } = layer
  return [
    `${duration(layer.medianUs)} median, ${duration(layer.minUs)} min, ${percent(layer.share)} of the run`,
    layer.macs > 0 ? `${count(layer.macs)} multiply-adds at ${digits(layer.gmacPerS)} GMAC/s` : 'no multiply-adds',
    `${bytes(layer.bytes)} at ${digits(layer.gbPerS)} GB/s`,
    ...(bound && ofCeiling !== null ? [`${bound}-bound, ${percent(ofCeiling)} of its ceiling`] : []),
  ]
}

/** The id of a layer's row in the table. */
export function rowId(index: number): string {
  return `layer-${index}`
}

function reveal(index: number): void {
  document.getElementById(rowId(index))?.scrollIntoView({ block: 'center', behavior: 'smooth' })
}
