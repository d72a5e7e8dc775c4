/** Builds the report from the profile that its page holds. */

import 'uplot/dist/uPlot.min.css'
import './style.css'
import type { Profile } from '../analyse.ts'
import { el } from './dom.ts'
import { bytes, count, digits, duration, percent, signedPercent } from './format.ts'
import { isPlotted, rooflineChart } from './roofline.ts'
import { familyTable, layerTable, legend } from './tables.ts'
import { timelineChart } from './timeline.ts'
import { View } from './view.ts'

function heading({ bundle, target, machine, runs, compilerVersion }: Profile): HTMLElement {
  const details = `${target} · ${runs} runs · ${machine.cpu} · Node ${machine.node} (V8 ${machine.v8}) · mobilenet-compile ${compilerVersion}`
  return el('header', '', el('h1', '', bundle), el('p', '', details))
}

function tiles({ totals, ceilings }: Profile): HTMLElement {
  const tile = (title: string, value: string, note: string): HTMLElement =>
    el('div', 'tile', el('span', 'title', title), el('span', 'value', value), el('span', 'note', note))
  const { run, steps } = totals
  return el(
    'section',
    'tiles',
    tile('Run, median', duration(run.medianUs), `${duration(run.minUs)} at best`),
    tile('Speed', `${digits(totals.gmacPerS)} GMAC/s`, `${count(totals.macs)} multiply-adds, ${percent(totals.ofPeak)} of the ceiling`),
    tile('Of the roofline', percent(totals.ofCeiling), 'least times of all steps over the run'),
    tile('Steps, summed', duration(steps.medianUs), `${signedPercent(steps.medianUs / run.medianUs - 1)} against a whole run`),
    tile(
      'Ceilings',
      `${digits(ceilings.gmacPerS)} GMAC/s`,
      `reads at ${ceilings.bandwidths.map(({ gbPerS }) => digits(gbPerS)).join(', ')} GB/s`,
    ),
  )
}

function section(title: string, about: string, ...content: readonly HTMLElement[]): HTMLElement {
  return el('section', 'card', el('h2', '', title), el('p', '', about), ...content)
}

function build(profile: Profile, page: HTMLElement): void {
  const view = new View(profile)
  const missing = view.layers.filter((l) => !isPlotted(l)).length
  const unplotted = missing > 0 ? ` Steps without multiply-adds (${missing}) are not in it.` : ''
  const reads = profile.ceilings.bandwidths.map((b) => `${digits(b.gbPerS)} GB/s from ${bytes(b.bytes)}`).join(', ')
  page.append(
    heading(profile),
    tiles(profile),
    section(
      'Roofline',
      `Each circle is a step, its area the step's share of the time. The roofs were measured in the same rounds: multiply-adds in registers, and reads of buffers from a small one to one as large as the model's memory (${reads}). A step is bound by the bandwidth for as many bytes as it reads and writes; it can exceed that where they were in a nearer cache.${unplotted}`,
      legend(view),
      rooflineChart(view),
    ),
    section(
      'Timeline',
      'Steps in the order of the run: width is median time, height is speed, so areas are multiply-adds. Drag to zoom, double-click to see all.',
      legend(view),
      timelineChart(view),
    ),
    section('Kernels', 'Sums over all steps of a kind.', familyTable(view)),
    section(
      'Layers',
      'Times are medians over all runs. A click on a heading sorts; point at a name to see all ONNX nodes of the step.',
      layerTable(view),
    ),
  )
}

build(JSON.parse((document.getElementById('profile') as HTMLElement).textContent), document.getElementById('report') as HTMLElement)
