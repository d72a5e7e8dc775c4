/** Puts the page together. Pictures come from a sheet, files or a camera and go to the network. Answers go to the view. */

import { labels } from 'shapes/manifest.json'
import { Camera } from './camera.ts'
import { cameraButton, canvas, caption, classes, clearButton, fileInput, hint, notice, offline, randomButton, video } from './elements.ts'
import { type Engine, start } from './engine.ts'
import { onPictures } from './files.ts'
import { Live } from './live.ts'
import { keepOffline } from './offline.ts'
import { randomDrawing } from './random-drawing.ts'
import { onEngine } from './settings.ts'
import { type Picture, Sheet } from './sheet.ts'
import { showAnswer, showEngine, speak } from './view.ts'

/** An answer must stay the same for this many milliseconds before it is said aloud. Answers for a camera change often. */
const REST = { sheet: 800, camera: 2500 }

const sheet = new Sheet(canvas, refresh)
const camera = new Camera(video, refresh)
const live = new Live(
  () => (camera.on ? video : sheet.blank ? null : sheet.pixels),
  (answer) => {
    showAnswer(answer)
    speak(answer, camera.on ? REST.camera : REST.sheet)
  },
  ({ message }) => {
    notice.textContent = `The network does not answer: ${message}`
  },
)

/** Updates the page after a change of the sheet or the camera. */
function refresh(): void {
  video.hidden = !camera.on
  canvas.hidden = camera.on
  hint.hidden = camera.on || !sheet.blank
  cameraButton.setAttribute('aria-pressed', String(camera.on))
  caption.textContent = camera.on ? 'What the camera sees' : sheet.title
  live.wake()
}

function show(picture: Picture, title: string): void {
  camera.stop()
  notice.textContent = ''
  sheet.show(picture, title)
}

let lastLabel: string | undefined

function showRandom(): void {
  const { picture, label } = randomDrawing(lastLabel)
  lastLabel = label
  show(picture, `Random drawing: ${label}`)
}

async function toggleCamera(): Promise<void> {
  notice.textContent = ''
  if (camera.on) return camera.stop()
  try {
    await camera.start()
    camera.watch(() => live.wake())
  } catch (error) {
    notice.textContent = (error as Error).message
  }
}

let chosen: Engine | undefined

/** Loads the network. Loading takes a while, so the root's attribute `data-engine` says what runs now. */
async function use(engine: Engine): Promise<void> {
  chosen = engine
  showEngine(engine)
  try {
    const model = await start(engine)
    if (chosen !== engine) return model.dispose()
    live.use(model)
    document.documentElement.dataset.engine = engine.worker ? `${engine.target} worker` : engine.target
  } catch (error) {
    notice.textContent = `The network does not load: ${(error as Error).message}`
  }
}

clearButton.addEventListener('click', () => {
  camera.stop()
  notice.textContent = ''
  sheet.clear()
})
randomButton.addEventListener('click', showRandom)
cameraButton.addEventListener('click', toggleCamera)
onPictures(
  fileInput,
  ({ picture, name }) => show(picture, name),
  (why) => {
    notice.textContent = why
  },
)

classes.textContent = new Intl.ListFormat('en').format(labels)
showRandom()
onEngine(use)
keepOffline((text) => {
  offline.textContent = text
})
