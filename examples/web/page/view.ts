/** What the page shows and says aloud: the answer and the figures. */

import { bars, best, download, memory, spoken, time } from './elements.ts'
import { downloadBytes, type Engine, memoryBytes } from './engine.ts'
import type { Answer } from './live.ts'

const ROWS = 5

const rows = Array.from({ length: ROWS }, () => {
  const row = document.createElement('li')
  const [name, bar, score] = ['name', 'bar', 'score'].map((kind) => Object.assign(document.createElement('span'), { className: kind }))
  row.append(name as Node, bar as Node, score as Node)
  bar?.setAttribute('aria-hidden', 'true')
  bars.append(row)
  return row
})

const percent = (score: number): string => `${Math.round(100 * score)}\u00a0%`

function set(parent: Element, kind: string, text: string): void {
  const child = parent.querySelector(`.${kind}`) as Element
  if (child.textContent !== text) child.textContent = text
}

/** Shows the answer. `null` means that there was nothing to classify. */
export function showAnswer(answer: Answer | null): void {
  const classes = answer?.classes ?? []
  document.documentElement.classList.toggle('nothing', !answer)
  set(best, 'name', classes[0]?.label ?? 'Nothing yet')
  set(best, 'score', classes[0] ? percent(classes[0].score) : '')
  rows.forEach((row, i) => {
    const { label = '', score = 0 } = classes[i] ?? {}
    row.hidden = !answer
    row.style.setProperty('--score', String(score))
    set(row, 'name', label)
    set(row, 'score', percent(score))
  })
  if (answer) showTime(answer.milliseconds)
}

function showTime(milliseconds: number): void {
  const text = `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
  if (time.textContent !== text) time.textContent = text
}

/** Shows the download and the memory of an engine. */
export function showEngine(engine: Engine): void {
  download.textContent = `${Math.round(downloadBytes(engine) / 1000)} kB`
  memory.textContent = `${(memoryBytes(engine) / 2 ** 20).toFixed(1)} MiB`
}

let said = ''
let timer: ReturnType<typeof setTimeout> | undefined
let pending = ''

/** Says the answer aloud once it has been the same for `rest` milliseconds. It does not repeat the last answer that it said. */
export function speak(answer: Answer | null, rest: number): void {
  const [first] = answer?.classes ?? []
  const text = first ? `${first.label}, ${percent(first.score)}` : ''
  if (text === pending) return
  pending = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (text !== said) spoken.textContent = text
    said = text
  }, rest)
}
