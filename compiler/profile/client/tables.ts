/** The tables: kernel families, and layers, which a click on a heading sorts. */

import type { ProfileLayer } from '../analyse.ts'
import type { FamilyTotals } from '../families.ts'
import { rowId } from './chart.ts'
import { el } from './dom.ts'
import { bytes, count, digits, duration, percent } from './format.ts'
import type { View } from './view.ts'

interface Column {
  readonly title: string
  /** What the heading explains when pointed at. */
  readonly hint?: string
  readonly numeric: boolean
  value(layer: ProfileLayer): number | string
  cell(layer: ProfileLayer, view: View): Node | string
}

const number = (title: string, value: (l: ProfileLayer) => number, cell: Column['cell'], hint = ''): Column => ({
  title,
  hint,
  numeric: true,
  value,
  cell,
})

const COLUMNS: readonly Column[] = [
  number(
    '#',
    (l) => l.index,
    (l) => String(l.index + 1),
    'Position in the run',
  ),
  { title: 'Layer', hint: 'ONNX nodes that the step computes', numeric: false, value: (l) => l.layer, cell: nameCell },
  { title: 'Kernel', numeric: false, value: (l) => l.kernel, cell: kernelCell },
  number(
    'Median',
    (l) => l.medianUs,
    (l) => duration(l.medianUs),
  ),
  number(
    'Min',
    (l) => l.minUs,
    (l) => duration(l.minUs),
  ),
  number(
    'Share',
    (l) => l.share,
    (l, view) => meter(l.share, Math.max(...view.layers.map((other) => other.share))),
  ),
  number(
    'GMAC/s',
    (l) => l.gmacPerS,
    (l) => (l.macs > 0 ? digits(l.gmacPerS) : '–'),
  ),
  number(
    'Bytes',
    (l) => l.bytes,
    (l) => (l.bytes > 0 ? bytes(l.bytes) : '–'),
    'Read and written, each once',
  ),
  {
    title: 'Bound',
    hint: 'By multiply-adds or by bytes, whichever take longer at least',
    numeric: false,
    value: (l) => l.bound ?? '',
    cell: boundCell,
  },
  number(
    'Of ceiling',
    (l) => l.ofCeiling ?? -1,
    (l) => (l.ofCeiling === null ? '–' : meter(l.ofCeiling, 1)),
    'Least time over median time',
  ),
]

/** A row for each layer, in the order in which they run; columns sort it. */
export function layerTable(view: View): HTMLElement {
  const body = el('tbody', '', ...view.layers.map((layer) => layerRow(layer, view)))
  const rows = [...body.rows]
  view.onPoint((index) => {
    for (const [i, row] of rows.entries()) row.classList.toggle('current', i === index)
  })
  const headings: HTMLElement[] = []
  const sort = (column: Column, at: number): void => {
    const heading = headings[at] as HTMLElement
    const first = column.numeric && at > 0 ? 'descending' : 'ascending'
    const order = heading.ariaSort === first ? (first === 'ascending' ? 'descending' : 'ascending') : first
    for (const other of headings) other.ariaSort = 'none'
    heading.ariaSort = order
    const sign = order === 'ascending' ? 1 : -1
    const sorted = [...view.layers].sort((a, b) => sign * compare(column.value(a), column.value(b)) || a.index - b.index)
    body.append(...sorted.map((layer) => rows[layer.index] as HTMLElement))
  }
  headings.push(...COLUMNS.map((column, at) => headingOf(column, () => sort(column, at))))
  ;(headings[0] as HTMLElement).ariaSort = 'ascending'
  return el('div', 'scroll', el('table', 'layers', el('thead', '', el('tr', '', ...headings)), body))
}

function headingOf({ title, hint, numeric }: Column, sort: () => void): HTMLElement {
  const button = el('button', '', title)
  button.type = 'button'
  if (hint) button.title = hint
  button.addEventListener('click', sort)
  const heading = el('th', numeric ? 'number' : '', button)
  heading.scope = 'col'
  heading.ariaSort = 'none'
  return heading
}

function layerRow(layer: ProfileLayer, view: View): HTMLTableRowElement {
  const row = el('tr', '', ...COLUMNS.map((column) => el('td', column.numeric ? 'number' : '', column.cell(layer, view))))
  row.id = rowId(layer.index)
  row.addEventListener('mouseenter', () => view.point(layer.index))
  row.addEventListener('mouseleave', () => view.point(null))
  return row
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b)
}

/** PyTorch's exporters begin names with a slash. */
function nameCell({ layer, nodes }: ProfileLayer): Node {
  const more = nodes.length > 1 ? [el('span', 'more', `+${nodes.length - 1}`)] : []
  const cell = el('span', 'name', layer.replace(/^\//, ''), ...more)
  cell.title = nodes.join('\n')
  return cell
}

function kernelCell({ kernel, family }: ProfileLayer, view: View): Node {
  const cell = el('span', 'kernel', swatch(view, family), el('code', '', kernel))
  cell.title = kernel
  return cell
}

function boundCell({ bound }: ProfileLayer): Node | string {
  return bound === null ? '–' : el('span', `bound ${bound}`, bound)
}

/** A share as a number on a bar. */
function meter(share: number, full: number): HTMLElement {
  const bar = el('span', 'bar')
  bar.style.width = `${full > 0 ? Math.min(100, (100 * share) / full) : 0}%`
  return el('span', 'meter', el('span', 'track', bar), el('span', '', percent(share)))
}

function swatch(view: View, family: string): HTMLElement {
  const mark = el('span', 'swatch')
  mark.style.background = `var(--${view.colorName(family)})`
  return mark
}

/** The colours of the kernel families. */
export function legend(view: View): HTMLElement {
  return el('div', 'legend', ...view.families.map(({ family }) => el('span', 'kernel', swatch(view, family), family)))
}

/** A row for each kernel family, with the sums of its layers. */
export function familyTable(view: View): HTMLElement {
  const cell = (text: Node | string, className = 'number'): HTMLElement => el('td', className, text)
  const row = ({ family, steps, medianUs, share, macs }: FamilyTotals): HTMLElement =>
    el(
      'tr',
      '',
      cell(el('span', 'kernel', swatch(view, family), family), ''),
      cell(String(steps)),
      cell(duration(medianUs)),
      cell(meter(share, 1)),
      cell(macs > 0 ? count(macs) : '–'),
      cell(macs > 0 ? digits(macs / medianUs / 1e3) : '–'),
    )
  const heads = ['Kernels', 'Steps', 'Time', 'Share', 'Multiply-adds', 'GMAC/s']
  const headings = heads.map((title, i) => el('th', i > 0 ? 'number' : '', title))
  return el('div', 'scroll', el('table', '', el('thead', '', el('tr', '', ...headings)), el('tbody', '', ...view.families.map(row))))
}
