import type { LanAddress, LinkFigures } from '../preview/answers'

/** What the Python program for the other end is made of. */
export interface ProgramOrder {
  library: string
  task: 'sends' | 'receives'
  name: string
  address: string
  port: string
  pattern: string
  security: string
}

/** A node's newest frame; `tag` tells whether a later one is another. */
export interface Thumbnail {
  jpeg: Blob
  tag: string
}

/** Every running link, or the one of that node: none if it does not run. Rejects with what the server says. */
export async function readFigures(nodeId?: string): Promise<LinkFigures[]> {
  return ask(nodeId === undefined ? 'links' : `links?${new URLSearchParams({ node: nodeId })}`)
}

/** This machine's addresses. */
export async function readAddresses(): Promise<LanAddress[]> {
  return ask('addresses')
}

/** The text of the Python program for the other end. */
export async function readProgram(order: ProgramOrder): Promise<string> {
  return (await ask<{ text: string }>(`program?${new URLSearchParams({ ...order })}`)).text
}

/** The picture of a running node, or of a port of it, if it is another than the one with `tag`; undefined where there is none. */
export async function readThumbnail(
  nodeId: string,
  port: number | undefined,
  tag: string,
): Promise<Thumbnail | 'unchanged' | undefined> {
  const request = new XMLHttpRequest()
  const path = `preview/${encodeURIComponent(nodeId)}${port === undefined ? '' : `?port=${port}`}`
  const jpeg = await ask<Blob | undefined>(path, {
    dataType: 'binary',
    xhrFields: { responseType: 'blob' },
    xhr: () => request,
    ...(tag !== '' && { headers: { 'If-None-Match': tag } }),
  })
  if (request.status === 304) return 'unchanged'
  return jpeg && jpeg.size > 0 ? { jpeg, tag: request.getResponseHeader('etag') ?? '' } : undefined
}

// The editor adds the user's token to calls by $.ajax with a relative URL, and to no others.
function ask<Answer>(path: string, settings: JQuery.AjaxSettings = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    $.ajax({ url: `netgear/${path}`, ...settings })
      .done((answer: Answer) => resolve(answer))
      .fail((request: JQuery.jqXHR) => reject(new Error(reasonOf(request))))
  })
}

function reasonOf(request: JQuery.jqXHR): string {
  const answer: unknown = request.responseJSON
  if (typeof answer === 'object' && answer !== null && 'message' in answer) return String(answer.message)
  return request.status === 0 ? '' : `HTTP ${request.status}`
}
