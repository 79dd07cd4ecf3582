/** The first pictures of an MJPEG stream over HTTP. Rejects if it is none, or ends before. */
export async function readPictures(url: string, count: number): Promise<Buffer[]> {
  const response = await fetch(url)
  const boundary = /^multipart\/x-mixed-replace; boundary=(\S+)$/.exec(response.headers.get('content-type') ?? '')?.[1]
  if (!response.body || boundary === undefined) {
    throw new Error(`${url} answered with ${response.status} ${response.headers.get('content-type')}`)
  }
  const pictures: Buffer[] = []
  let received: Buffer = Buffer.alloc(0)
  // Leaving the loop closes the connection.
  for await (const chunk of response.body) {
    received = Buffer.concat([received, chunk])
    for (let part = firstPart(received, boundary); part; part = firstPart(received, boundary)) {
      pictures.push(part.picture)
      received = part.rest
      if (pictures.length === count) return pictures
    }
  }
  throw new Error(`${url} ended after ${pictures.length} pictures`)
}

function firstPart(received: Buffer, boundary: string): { picture: Buffer; rest: Buffer } | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = received.toString('latin1', 0, headEnd)
  const [, length] = /^--\S+\r\ncontent-type: image\/jpeg\r\ncontent-length: (\d+)$/.exec(head) ?? []
  if (length === undefined || !head.startsWith(`--${boundary}\r\n`)) throw new Error(`No head of a part: ${head}`)
  const bodyEnd = headEnd + 4 + Number(length)
  if (received.length < bodyEnd + 2) return undefined
  return { picture: received.subarray(headEnd + 4, bodyEnd), rest: received.subarray(bodyEnd + 2) }
}
