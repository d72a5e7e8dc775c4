/** The square that people draw on, or that shows a picture. Its pixels are opaque and have the page's current colours. */

interface Point {
  readonly x: number
  readonly y: number
}

/** Width of a line, as a part of the side. It is in the middle of the widths that the network has learnt. */
const LINE = 0.045

/** Anything with a size that a canvas can draw. */
export type Picture = ImageBitmap | HTMLCanvasElement

export class Sheet {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #changed: () => void
  #strokes: Point[][] = []
  #picture: Picture | null = null
  #title = ''

  /** Calls `changed` after every change of the sheet. People draw lines with the pointer; the first line removes a picture. */
  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d', { alpha: false, willReadFrequently: true }) as CanvasRenderingContext2D
    this.#changed = changed
    this.#paint()
    canvas.addEventListener('pointerdown', (event) => this.#begin(event))
    canvas.addEventListener('pointermove', (event) => this.#go(event))
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#repaint())
  }

  get blank(): boolean {
    return !this.#picture && this.#strokes.length === 0
  }

  /** A copy of the sheet's pixels. */
  get pixels(): ImageData {
    return this.#context.getImageData(0, 0, this.#canvas.width, this.#canvas.height)
  }

  clear(): void {
    this.#set(null, [])
  }

  /** Shows the middle of the picture, which fills the sheet. */
  show(picture: Picture, title: string): void {
    this.#title = title
    this.#set(picture, [])
  }

  /** A description of what is on the sheet. */
  get title(): string {
    if (this.#picture) return this.#title
    return this.blank ? 'An empty sheet' : 'Your drawing'
  }

  #set(picture: Picture | null, strokes: Point[][]): void {
    if (this.#picture instanceof ImageBitmap) this.#picture.close()
    this.#picture = picture
    this.#strokes = strokes
    this.#repaint()
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return
    this.#canvas.setPointerCapture(event.pointerId)
    this.#set(null, [...this.#strokes, [this.#at(event)]])
  }

  #go(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return
    const events = event.getCoalescedEvents?.() ?? []
    this.#strokes.at(-1)?.push(...(events.length > 0 ? events : [event]).map((e) => this.#at(e)))
    this.#repaint()
  }

  /** The position of an event, in pixels of the canvas. */
  #at(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect()
    const scale = this.#canvas.width / box.width
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale }
  }

  #repaint(): void {
    this.#paint()
    this.#changed()
  }

  #paint(): void {
    const { width, height } = this.#canvas
    const { color, backgroundColor } = getComputedStyle(this.#canvas)
    this.#context.fillStyle = backgroundColor
    this.#context.fillRect(0, 0, width, height)
    if (this.#picture) this.#cover(this.#picture)
    Object.assign(this.#context, { strokeStyle: color, lineWidth: LINE * width, lineCap: 'round', lineJoin: 'round' })
    for (const stroke of this.#strokes) this.#line(stroke)
  }

  #cover(picture: Picture): void {
    const side = Math.min(picture.width, picture.height)
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2]
    this.#context.drawImage(picture, left, top, side, side, 0, 0, this.#canvas.width, this.#canvas.height)
  }

  #line([first, ...others]: readonly Point[]): void {
    if (!first) return
    this.#context.beginPath()
    this.#context.moveTo(first.x, first.y)
    // The line to its own first point draws a dot.
    for (const { x, y } of [first, ...others]) this.#context.lineTo(x, y)
    this.#context.stroke()
  }
}
