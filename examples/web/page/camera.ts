/** The camera, shown in a video element while it is on. */

const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError: 'The camera is not allowed here. Allow it in the settings of your browser for this page, then try again.',
  NotFoundError: 'There is no camera.',
  NotReadableError: 'The camera is in use by something else.',
}

const WANTED = { video: { facingMode: 'environment', width: { ideal: 640 }, height: { ideal: 480 } }, audio: false }

export class Camera {
  readonly #video: HTMLVideoElement
  readonly #changed: (on: boolean) => void
  #stream: MediaStream | null = null
  #starting = false

  /** Calls `changed` when the camera goes on or off. The camera goes off by itself when it is unplugged, and when the page is hidden. */
  constructor(video: HTMLVideoElement, changed: (on: boolean) => void) {
    this.#video = video
    this.#changed = changed
    document.addEventListener('visibilitychange', () => document.hidden && this.stop())
  }

  get on(): boolean {
    return this.#stream !== null
  }

  /** Switches the camera on. Rejects with a sentence for the user if that fails. Does nothing while an earlier call waits for the camera. */
  async start(): Promise<void> {
    if (!navigator.mediaDevices) throw new Error('A camera needs a page that came over https.')
    if (this.#starting) return
    this.#starting = true
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(WANTED)
      this.#stream.getVideoTracks()[0]?.addEventListener('ended', () => this.stop())
      this.#video.srcObject = this.#stream
      await this.#video.play()
    } catch (error) {
      this.stop()
      const { name, message } = error as Error
      throw new Error(REASONS[name] ?? `The camera does not start: ${message}`)
    } finally {
      this.#starting = false
    }
    this.#changed(true)
  }

  stop(): void {
    if (!this.#stream) return
    for (const track of this.#stream.getTracks()) track.stop()
    this.#stream = null
    this.#video.srcObject = null
    this.#changed(false)
  }

  /** Calls `frame` with every new picture while the camera is on. */
  watch(frame: () => void): void {
    const next = (): void => {
      if (!this.on) return
      frame()
      if ('requestVideoFrameCallback' in this.#video) this.#video.requestVideoFrameCallback(next)
      else requestAnimationFrame(next)
    }
    next()
  }
}
