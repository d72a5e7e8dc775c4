/** The page's elements, by the ids that `index.html` gives them. */

function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`)
  return found
}

export const stage = element('stage', HTMLElement)
export const canvas = element('sheet', HTMLCanvasElement)
export const video = element('video', HTMLVideoElement)
export const hint = element('hint', HTMLElement)
export const caption = element('caption', HTMLElement)
export const notice = element('notice', HTMLElement)

export const clearButton = element('clear', HTMLButtonElement)
export const randomButton = element('random', HTMLButtonElement)
export const fileInput = element('file', HTMLInputElement)
export const cameraButton = element('camera', HTMLButtonElement)

export const best = element('best', HTMLElement)
export const bars = element('bars', HTMLOListElement)
export const spoken = element('spoken', HTMLElement)
export const time = element('time', HTMLElement)
export const download = element('download', HTMLElement)
export const memory = element('memory', HTMLElement)
export const classes = element('classes', HTMLElement)
export const offline = element('offline', HTMLElement)

export const targetChoice = element('targets', HTMLFieldSetElement)
export const reasons = element('reasons', HTMLElement)
export const workerSwitch = element('worker', HTMLInputElement)
