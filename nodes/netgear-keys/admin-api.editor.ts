/** What the server tells of a key pair, after `key-pair` only together with its secret key. */
export interface PublicKeyAnswer {
  publicKey: string
  fingerprint: string
}

/** What the server tells of a key directory. */
export interface DirectoryAnswer {
  path: string
  files: { name: string; present: boolean }[]
  own: { sender?: PublicKeyAnswer; receiver?: PublicKeyAnswer }
  trusted: { name: string }[]
  warnings: string[]
  error?: string
}

/** What the dialog orders for a peer; its choices are checked on the server. */
export interface PeerKitOrder {
  peerName: string
  ourPublicKey: string
  ourRole: 'sender' | 'receiver'
  pattern: string
  security: string
  address: string
  port: string
}

/** The admin endpoints of `netgear-keys`. Each call rejects with an Error whose message can be shown to the user. */
export class AdminApi {
  readonly #translate: Translate

  constructor(translate: Translate) {
    this.#translate = translate
  }

  generateKeyPair(): Promise<PublicKeyAnswer & { secretKey: string }> {
    return this.#post('key-pair', {})
  }

  publicKeyOf(secretKey: string): Promise<PublicKeyAnswer> {
    return this.#post('public-key', { secretKey })
  }

  fingerprintOf(publicKey: string): Promise<{ fingerprint: string }> {
    return this.#post('fingerprint', { publicKey })
  }

  readDirectory(directory: string): Promise<DirectoryAnswer> {
    return this.#post('directory', { directory })
  }

  createDirectory(directory: string): Promise<DirectoryAnswer> {
    return this.#post('directory/create', { directory })
  }

  regenerateDirectory(directory: string): Promise<DirectoryAnswer> {
    return this.#post('directory/regenerate', { directory, confirm: true })
  }

  async peerKit(order: PeerKitOrder): Promise<{ zip: Blob; peerPublicKey: string }> {
    const request = new XMLHttpRequest()
    const zip = await this.#post<Blob>('peer-kit', order, {
      dataType: 'binary',
      xhrFields: { responseType: 'blob' },
      xhr: () => request,
    }).catch(async (error: Error) => {
      // jQuery reads no error text from an answer that was to be binary.
      const text = request.response instanceof Blob ? await request.response.text() : ''
      throw new Error(messageIn(text) ?? error.message)
    })
    return { zip, peerPublicKey: request.getResponseHeader('x-netgear-peer-public-key') ?? '' }
  }

  // The editor adds the user's token to calls by $.ajax with a relative URL, and to no others.
  #post<Answer>(path: string, body: object, settings: JQuery.AjaxSettings = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      $.ajax({
        url: `netgear-keys/${path}`,
        method: 'POST',
        contentType: 'application/json',
        data: JSON.stringify(body),
        ...settings,
      })
        .done((answer: Answer) => resolve(answer))
        .fail((request: JQuery.jqXHR) => reject(new Error(this.#reasonOf(request))))
    })
  }

  #reasonOf(request: JQuery.jqXHR): string {
    const say = (key: string, values?: Record<string, number>) => this.#translate(`netgear-keys.error.${key}`, values)
    if (request.status === 0) return say('unreachable')
    if (request.status === 401 || request.status === 403) return say('permission')
    return messageIn(request.responseText ?? '') ?? say('unexpected', { status: request.status })
  }
}

function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : undefined
  } catch {
    return undefined
  }
}
