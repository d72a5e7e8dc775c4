/** `classify` in a page: everything that a page has of an image gives the same classes, in a worker too. */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { launch, withoutChromium } from '../pages/chromium.ts'
import { type Site, serve } from '../pages/site.ts'
import { classifier, pattern, removeFolders, tinyModel } from './bundle.ts'

/** In the page: `pixels`, and a function for each kind of image that shows them. */
const SOURCES = `
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: pixels.width, height: pixels.height })
  const imageData = new ImageData(new Uint8ClampedArray(pixels.data), pixels.width, pixels.height)
  canvas.getContext('2d').putImageData(imageData, 0, 0)
  const blob = () => new Promise((done) => canvas.toBlob(done))
  const element = async () => {
    const image = new Image()
    image.src = URL.createObjectURL(await blob())
    await image.decode()
    return image
  }
  const video = async () => {
    const video = Object.assign(document.createElement('video'), { srcObject: canvas.captureStream(), muted: true })
    const drawing = setInterval(() => canvas.getContext('2d').putImageData(imageData, 0, 0), 20)
    await video.play()
    clearInterval(drawing)
    return video
  }
  const offscreen = () => {
    const other = new OffscreenCanvas(pixels.width, pixels.height)
    other.getContext('2d').putImageData(imageData, 0, 0)
    return other
  }
  const sources = {
    pixels: () => pixels, imageData: () => imageData, canvas: () => canvas, offscreen, blob, element, video,
    bitmap: () => createImageBitmap(canvas), frame: () => new VideoFrame(canvas, { timestamp: 0 }),
  }
`

const NAMES = ['pixels', 'imageData', 'canvas', 'offscreen', 'blob', 'element', 'bitmap', 'frame', 'video']
/** Their colours pass through other formats on the way. */
const LOSSY = ['video', 'frame']

interface ClassScore {
  readonly index: number
  readonly score: number
}

describe.skipIf(withoutChromium)('classify in a page', () => {
  let bundle: Bundle
  let site: Site
  let browser: Browser
  let page: Page
  let want: readonly ClassScore[]

  beforeAll(async () => {
    const options = { targets: ['simd128'], preprocess: 'tensorflow' } as const
    bundle = await compile(tinyModel(), options)
    want = await (await classifier(options)).classify(pattern(90, 70), { topK: 4 })
    site = await serve((path) => ({ bytes: path === '' ? '<!doctype html><title>Page</title>' : bundle.files.get(path) }))
    browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream')
    page = await browser.newPage()
    await page.goto(site.origin)
  })

  afterAll(async () => {
    await browser?.close()
    site?.close()
    removeFolders()
  })

  /** The classes of an image in the page, by the loader of that name. */
  function classesOf(name: string, loader: string): Promise<ClassScore[]> {
    const { data, width, height } = pattern(90, 70)
    const pixels = `{ data: Uint8Array.from(${JSON.stringify([...data])}), width: ${width}, height: ${height} }`
    return page.evaluate(`(async () => {
      const pixels = ${pixels}
      ${SOURCES}
      const { load } = await import('/${loader}.js')
      const model = await load()
      const classes = await model.classify(await sources.${name}(), { topK: 4 })
      await model.dispose()
      return classes
    })()`)
  }

  function expectSame(got: readonly ClassScore[], name: string): void {
    expect(got[0]?.index).toBe(want[0]?.index)
    for (const { index, score } of got) {
      const expected = want.find((c) => c.index === index)?.score as number
      expect(Math.abs(score - expected), name).toBeLessThan(LOSSY.includes(name) ? 0.05 : 1e-5)
    }
  }

  it.each(NAMES)('%s', async (name) => {
    expectSame(await classesOf(name, 'index'), name)
  })

  it.each(NAMES)('%s, in a worker', async (name) => {
    expectSame(await classesOf(name, 'worker'), name)
  })

  it('says so where an image is not loaded', async () => {
    const error = await page.evaluate(`(async () => {
      const { load } = await import('/index.js')
      return (await load()).classify(new Image()).catch(String)
    })()`)
    expect(error).toBe('TypeError: the image has no pixels: is it loaded?')
  })

  it.each(['index', 'worker'])('%s takes every frame of a camera, whose frames are few', { timeout: 30_000 }, async (loader) => {
    const seen = await page.evaluate(`(async () => {
      const { load } = await import('/${loader}.js')
      const model = await load()
      const stream = await navigator.mediaDevices.getUserMedia({ video: true })
      const reader = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0] }).readable.getReader()
      const late = () => new Promise((done) => setTimeout(done, 5000, {}))
      let seen = 0
      for (; seen < 30; seen++) {
        const { value } = await Promise.race([reader.read(), late()])
        if (!value) break
        await model.classify(value)
        value.close()
      }
      stream.getTracks().forEach((track) => track.stop())
      await model.dispose()
      return seen
    })()`)
    expect(seen).toBe(30)
  })

  it.each(['index', 'worker'])('%s refuses a video that shows nothing yet', async (loader) => {
    const error = await page.evaluate(`(async () => {
      const { load } = await import('/${loader}.js')
      const model = await load()
      const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 })
      canvas.getContext('2d').fillRect(0, 0, 1, 1)
      const video = Object.assign(document.createElement('video'), { srcObject: canvas.captureStream(), muted: true })
      await new Promise((done) => video.addEventListener('loadedmetadata', done))
      return model.classify(video).then(JSON.stringify, ({ name }) => name)
    })()`)
    expect(error).toBe('InvalidStateError')
  })
})
