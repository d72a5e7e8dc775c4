/** Pictures from files that are picked, dropped anywhere on the page, or pasted. */

export interface Picked {
  readonly name: string
  readonly picture: ImageBitmap
}

/** Calls `picked` with each picture. If a file is not a picture, calls `refused` with a sentence for the user. */
export function onPictures(input: HTMLInputElement, picked: (file: Picked) => void, refused: (why: string) => void): void {
  const take = async (files: FileList | undefined): Promise<void> => {
    const file = files?.[0]
    if (!file) return
    try {
      picked({ name: file.name, picture: await createImageBitmap(file) })
    } catch {
      refused(`${file.name} is not a picture that this browser can read.`)
    }
  }
  input.addEventListener('change', async () => {
    await take(input.files ?? undefined)
    // Without this, the same file could not be picked twice in a row.
    input.value = ''
  })
  addEventListener('paste', (event) => take(event.clipboardData?.files))
  onDrop((files) => take(files))
}

/** While files are over the page, its root has the class `dropping`. */
function onDrop(take: (files: FileList) => void): void {
  const root = document.documentElement
  addEventListener('dragover', (event) => {
    event.preventDefault()
    root.classList.toggle('dropping', event.dataTransfer?.types.includes('Files') ?? false)
  })
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) root.classList.remove('dropping')
  })
  addEventListener('drop', (event) => {
    event.preventDefault()
    root.classList.remove('dropping')
    if (event.dataTransfer) take(event.dataTransfer.files)
  })
}
