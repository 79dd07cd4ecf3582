/** Asks again and again while an element can be seen: never sooner than `intervalMs` after the last time, nor before that was answered. */
export class Poll {
  readonly #intervalMs: number
  readonly #ask: () => Promise<void>
  readonly #observer: IntersectionObserver
  readonly #wake = () => void this.#run()
  #inView = false
  #running = false
  #closed = false

  /** @param ask must not reject */
  constructor(element: Element, intervalMs: number, ask: () => Promise<void>) {
    this.#intervalMs = intervalMs
    this.#ask = ask
    this.#observer = new IntersectionObserver((entries) => {
      this.#inView = entries.at(-1)?.isIntersecting ?? false
      void this.#run()
    })
    this.#observer.observe(element)
    document.addEventListener('visibilitychange', this.#wake)
  }

  close(): void {
    this.#closed = true
    this.#observer.disconnect()
    document.removeEventListener('visibilitychange', this.#wake)
  }

  get #seen(): boolean {
    return !this.#closed && this.#inView && document.visibilityState === 'visible'
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#seen) {
      const pause = new Promise((resolve) => setTimeout(resolve, this.#intervalMs))
      await this.#ask()
      await pause
    }
    this.#running = false
  }
}
